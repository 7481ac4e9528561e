package serve

import (
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml"
)

// The schema names every member that the example uses, and the example is taken.
func TestClientsSchema(t *testing.T) {
	var schema struct {
		Properties map[string]struct {
			Items struct {
				Properties           map[string]map[string]any
				AdditionalProperties bool
				Required             []string
			}
		}
	}
	if err := json.Unmarshal(ClientsSchema(), &schema); err != nil {
		t.Fatal(err)
	}
	var sample map[string][]map[string]any
	if err := yaml.Unmarshal([]byte(sampleFile), &sample); err != nil {
		t.Fatal(err)
	}
	for list, entries := range sample {
		for _, entry := range entries {
			for name := range entry {
				if schema.Properties[list].Items.Properties[name] == nil {
					t.Errorf("expected %s of %s in the schema", name, list)
				}
			}
		}
	}
	clients := schema.Properties["clients"].Items
	if clients.AdditionalProperties || len(clients.Required) != 1 || clients.Properties["grant_types"]["items"].(map[string]any)["enum"] == nil {
		t.Errorf("got %+v", clients)
	}
	if settings := schema.Properties["settings"].Items.Properties; settings["lifetimes"]["properties"].(map[string]any)["code"] == nil || settings["sign_in_as"]["type"] != "string" || settings["issuers"] == nil {
		t.Errorf("got %+v", settings)
	}
}
