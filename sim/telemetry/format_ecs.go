package telemetry

// Elastic Common Schema 8.17 (elastic.co/guide/en/ecs). Members stand under dotted names, which an index takes
// as well as nested ones. What ECS has no field for stands under thiefbox.
const ecsVersion = "8.17.0"

// ecsKnown says where a field of ours goes.
var ecsKnown = map[string]string{
	"service": "service.name", "node": "service.node.name", "src_ip": "source.ip", "sub": "user.id", "method": "http.request.method",
	"status": "http.response.status_code", "url": "url.original", "host": "url.domain", "path": "url.path", "reason": "event.reason",
}

// ecsKind is event.category and event.type, which have to fit each other.
func ecsKind(e Entry) (category, kind []string) {
	switch e.Event {
	case "client.sign_in":
		return []string{"authentication", "session"}, []string{"start"}
	case "as.issue":
		return []string{"authentication"}, []string{"info"}
	case "as.withdraw":
		return []string{"api"}, []string{"deletion"}
	case "as.operate":
		return []string{"configuration"}, []string{"change"}
	case "as.refuse", "api.refuse", "client.refuse":
		return []string{"api"}, []string{"denied"}
	case "as.error", "api.error", "client.error":
		return []string{"web"}, []string{"error"}
	case "as.challenge", "api.challenge", "client.challenge":
		return []string{"api"}, []string{"info"}
	case "api.write":
		return []string{"api"}, []string{"change"}
	case "api.access", "as.disclose":
		return []string{"api"}, []string{"access"}
	}
	return []string{"web", "api"}, []string{"access"}
}

func ecsDocument(e Entry) any {
	category, kind := ecsKind(e)
	outcome := "success"
	if e.failed() {
		outcome = "failure"
	}
	if e.text("outcome") == "challenge" {
		outcome = "unknown"
	}
	o := object{
		{"@timestamp", timestamp(e.At)}, {"ecs.version", ecsVersion}, {"event.kind", "event"}, {"event.category", category},
		{"event.type", kind}, {"event.action", e.Event}, {"event.outcome", outcome}, {"event.module", "thiefbox"}, {"event.dataset", "thiefbox." + e.Log},
	}
	for _, f := range e.Fields {
		switch name, known := ecsKnown[f.Key]; {
		case known:
			o = append(o, Field{name, f.Value})
		case f.Key != "outcome":
			o = append(o, Field{"thiefbox." + f.Key, f.Value})
		}
	}
	return append(o, Field{"thiefbox.exercise", true})
}
