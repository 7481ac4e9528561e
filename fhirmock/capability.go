package fhirmock

import (
	"encoding/json"
	"time"

	"thiefbox/sim/clock"
)

// The CapabilityStatement says what the API can do and no more. It is the one thing that needs no token.

type capabilityStatement struct {
	ResourceType   string           `json:"resourceType"`
	Status         string           `json:"status"`
	Experimental   bool             `json:"experimental"`
	Date           string           `json:"date"`
	Publisher      string           `json:"publisher"`
	Description    string           `json:"description"`
	Kind           string           `json:"kind"`
	Software       software         `json:"software"`
	Implementation implementation   `json:"implementation"`
	FHIRVersion    string           `json:"fhirVersion"`
	Format         []string         `json:"format"`
	Rest           []restCapability `json:"rest"`
}

type software struct {
	Name string `json:"name"`
}

type implementation struct {
	Description string `json:"description"`
	URL         string `json:"url"`
}

type restCapability struct {
	Mode     string               `json:"mode"`
	Security securityCapability   `json:"security"`
	Resource []resourceCapability `json:"resource"`
}

type securityCapability struct {
	CORS        bool   `json:"cors"`
	Description string `json:"description"`
}

type resourceCapability struct {
	Type        string                  `json:"type"`
	Versioning  string                  `json:"versioning"`
	Interaction []interactionCapability `json:"interaction"`
	SearchParam []paramCapability       `json:"searchParam"`
}

type interactionCapability struct {
	Code interaction `json:"code"`
}

type paramCapability struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func (a *API) capabilityStatement() []byte {
	a.capabilitiesOnce.Do(func() {
		b, err := json.Marshal(capabilityStatement{
			ResourceType: "CapabilityStatement", Status: "active", Experimental: true,
			Date: clock.Epoch.Format(time.DateOnly), Publisher: "thiefbox", Kind: "instance",
			Description:    "Invented patients for attack exercises. Nothing here is about anybody.",
			Software:       software{"thiefbox"},
			Implementation: implementation{"thiefbox FHIR API", a.Base},
			FHIRVersion:    "4.0.1", Format: []string{"json"},
			Rest: []restCapability{{Mode: "server", Resource: resourceCapabilities(), Security: securityCapability{
				Description: "OAuth 2.0 access tokens of " + a.Issuer + " with SMART App Launch scopes, under the DPoP scheme of RFC 9449 or the Bearer scheme, as the profile in force demands.",
			}}},
		})
		if err != nil {
			panic("fhirmock: " + err.Error()) // strings always marshal
		}
		a.capabilities = b
	})
	return a.capabilities
}

func resourceCapabilities() []resourceCapability {
	var out []resourceCapability
	for _, k := range resources {
		c := resourceCapability{Type: k.name, Versioning: "versioned",
			Interaction: []interactionCapability{{read}, {search}},
			SearchParam: []paramCapability{{"_id", "token"}},
		}
		for _, p := range k.params {
			c.SearchParam = append(c.SearchParam, paramCapability{p.name, p.of})
		}
		out = append(out, c)
	}
	return out
}
