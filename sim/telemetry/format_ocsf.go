package telemetry

// OCSF 1.8.0 (schema.ocsf.io). Tokens given out and browsers signed in are Authentication; credentials
// cancelled and operators' decisions, Entity Management; all else is API Activity, in which a refusal is a
// failure. The schema has no word for proofs and thumbprints: they go to unmapped, under their own names.
const ocsfVersion = "1.8.0"

type ocsfClass struct {
	category, class, activity int
}

const (
	ocsfIAM, ocsfApplication                            = 3, 6
	ocsfAuthentication, ocsfEntity, ocsfAPIActivity     = 3002, 3004, 6003
	ocsfLogon, ocsfServiceTicket                        = 1, 4
	ocsfCreate, ocsfRead, ocsfUpdate, ocsfDelete        = 1, 2, 3, 4
	ocsfOther                                           = 99
	ocsfSuccess, ocsfFailure                            = 1, 2
	ocsfInformational, ocsfMedium                   int = 1, 3
)

func classOf(e Entry) ocsfClass {
	switch e.Event {
	case "client.sign_in":
		return ocsfClass{ocsfIAM, ocsfAuthentication, ocsfLogon}
	case "as.issue":
		if e.text("type") == "access_token" {
			return ocsfClass{ocsfIAM, ocsfAuthentication, ocsfServiceTicket}
		}
		return ocsfClass{ocsfIAM, ocsfAuthentication, ocsfOther}
	case "as.withdraw":
		return ocsfClass{ocsfIAM, ocsfEntity, ocsfDelete}
	case "as.operate":
		return ocsfClass{ocsfIAM, ocsfEntity, ocsfUpdate}
	}
	return ocsfClass{ocsfApplication, ocsfAPIActivity, ocsfActivity(e)}
}

func ocsfActivity(e Entry) int {
	switch e.text("interaction") {
	case "create":
		return ocsfCreate
	case "graphql": // by POST, as most send it, it creates nothing
		return ocsfRead
	case "update", "patch":
		return ocsfUpdate
	case "delete":
		return ocsfDelete
	}
	switch e.text("method") {
	case "POST":
		return ocsfCreate
	case "PUT", "PATCH":
		return ocsfUpdate
	case "DELETE":
		return ocsfDelete
	case "GET", "HEAD":
		return ocsfRead
	}
	switch e.Event {
	case "api.access", "as.disclose":
		return ocsfRead
	}
	return ocsfOther
}

// ocsfKnown are the fields that have a place in the schema.
var ocsfKnown = map[string]bool{
	"outcome": true, "status": true, "reason": true, "service": true, "src_ip": true, "method": true, "url": true, "path": true, "host": true,
}

func ocsfEvent(e Entry) any {
	c := classOf(e)
	severity, status := ocsfInformational, ocsfSuccess
	if e.failed() {
		severity, status = ocsfMedium, ocsfFailure
	}
	o := object{
		{"category_uid", c.category}, {"class_uid", c.class}, {"activity_id", c.activity}, {"type_uid", c.class*100 + c.activity},
		{"time", e.At.UnixMilli()}, {"severity_id", severity}, {"status_id", status},
		{"metadata", object{{"version", ocsfVersion}, {"log_name", e.Log}, {"event_code", e.Event},
			{"product", object{{"name", "thiefbox"}, {"vendor_name", "thiefbox"}}}}},
	}
	if c.activity == ocsfOther { // the dictionary asks for its name then
		o.set("activity_name", e.Event)
	}
	o.set("status_detail", e.text("reason"))
	service := object{{"name", e.text("service")}}
	switch c.class {
	case ocsfAuthentication:
		o = append(o, Field{"user", ocsfUser(e)}, Field{"service", service})
		o = append(o, ocsfSource(e)...)
	case ocsfEntity:
		o = append(o, Field{"entity", object{{"name", ocsfEntityName(e)}}})
	default:
		o = append(o, Field{"actor", ocsfActor(e)}, Field{"api", object{{"operation", ocsfOperation(e)}, {"service", service}}})
		o = append(o, ocsfSource(e)...)
		o = append(o, ocsfHTTP(e)...)
	}
	unmapped := object{}
	for _, f := range e.Fields {
		if !ocsfKnown[f.Key] {
			unmapped = append(unmapped, f)
		}
	}
	return append(o, Field{"unmapped", append(unmapped, Field{"exercise", true})})
}

// ocsfUser is who was signed in, or the system that got a token in its own name.
func ocsfUser(e Entry) object {
	for _, key := range []string{"sub", "client_id", "service"} {
		if id := e.text(key); id != "" {
			return object{{"uid", id}}
		}
	}
	return object{{"name", "unknown"}}
}

func ocsfActor(e Entry) object {
	var o object
	o.set("app_uid", e.text("client_id"))
	if sub := e.text("sub"); sub != "" {
		o = append(o, Field{"user", object{{"uid", sub}}})
	}
	if e.Event == "client.call" {
		o = append(o, Field{"app_name", e.text("service")})
	}
	if len(o) == 0 {
		o = object{{"app_name", "unknown"}}
	}
	return o
}

// ocsfSource: a client's own call comes from the client.
func ocsfSource(e Entry) object {
	if ip := e.text("src_ip"); ip != "" {
		return object{{"src_endpoint", object{{"ip", ip}}}}
	}
	return object{{"src_endpoint", object{{"svc_name", e.text("service")}}}}
}

func ocsfOperation(e Entry) string {
	for _, key := range []string{"interaction", "control"} {
		if s := e.text(key); s != "" {
			return s
		}
	}
	if m := e.text("method"); m != "" {
		return m + " " + e.text("path")
	}
	return e.Event
}

func ocsfEntityName(e Entry) string {
	for _, key := range []string{"token_jti", "credential_id", "on"} {
		if s := e.text(key); s != "" {
			return s
		}
	}
	return e.Event
}

func ocsfHTTP(e Entry) (o object) {
	if m := e.text("method"); m != "" {
		at := object{{"url_string", e.text("url")}}
		at.set("hostname", e.text("host"))
		at.set("path", e.text("path"))
		o = append(o, Field{"http_request", object{{"http_method", m}, {"url", at}}})
	}
	if status, ok := e.Get("status").(int); ok {
		o = append(o, Field{"http_response", object{{"code", status}}})
	}
	return o
}
