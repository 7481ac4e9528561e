package idp

import (
	"strings"
	"testing"

	"thiefbox/sim/party"
)

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Config)
		says  string
	}{
		"no issuer":           {func(c *Config) { c.Issuer = "" }, "issuer"},
		"issuer with a query": {func(c *Config) { c.Issuer += "?a" }, "issuer"},
		"issuer with slash":   {func(c *Config) { c.Issuer += "/tenant/" }, "issuer"},
		"issuer over http":    {func(c *Config) { c.Issuer = "http://as.example" }, "https"},
		"no party":            {func(c *Config) { c.Party = nil }, "party"},
		"party without clock": {func(c *Config) {
			c.Party = &party.Party{Name: "as", Dice: c.Party.Dice, Tell: c.Party.Tell, Policy: c.Party.Policy}
		}, "clock"},
		"no key":                  {func(c *Config) { c.Key = nil }, "key"},
		"no resource":             {func(c *Config) { c.Resources = nil }, "resource"},
		"relative resource":       {func(c *Config) { c.Resources[0].Identifier = "fhir" }, "absolute"},
		"resource twice":          {func(c *Config) { c.Resources[1].Identifier = fhirAPI }, "taken"},
		"resource id twice":       {func(c *Config) { c.Resources[1].ID = "fhir-api" }, "taken"},
		"resource without secret": {func(c *Config) { c.Resources[0].Secret = "" }, "secret"},
		"client without id":       {func(c *Config) { c.Clients[0].ID = "" }, "id"},
		"client twice":            {func(c *Config) { c.Clients[1].ID = "ehr" }, "taken"},
		"client named as a user":  {func(c *Config) { c.Clients[1].ID = "berg" }, "taken"},
		"client without keys":     {func(c *Config) { c.Clients[0].Keys = nil }, "keys"},
		"client without secret": {func(c *Config) {
			c.Clients[0].AuthMethod, c.Clients[0].Secret = "client_secret_post", ""
		}, "secret"},
		"public client":        {func(c *Config) { c.Clients[0].AuthMethod = "none" }, "private_key_jwt"},
		"unknown grant":        {func(c *Config) { c.Clients[0].GrantTypes = []string{"password"} }, "password"},
		"nowhere to redirect":  {func(c *Config) { c.Clients[0].RedirectURIs = nil }, "redirect"},
		"redirect over http":   {func(c *Config) { c.Clients[0].RedirectURIs = []string{"http://ehr.example/cb"} }, "https"},
		"odd redirect":         {func(c *Config) { c.Clients[0].RedirectURIs = []string{"app:cb"} }, "absolute"},
		"user without subject": {func(c *Config) { c.Users[0].Subject = "" }, "subject"},
		"username twice":       {func(c *Config) { c.Users[1].Username = "kberg" }, "taken"},
	} {
		t.Run(name, func(t *testing.T) {
			config := newLab(t, strict(t)).config(testIssuer)
			c.spoil(&config)
			if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("expected an error about %q, got %v", c.says, err)
			}
		})
	}
}

func TestIssuersThatAreFine(t *testing.T) {
	for _, issuer := range []string{"https://as.example", "https://as.example/", "https://as.example:8443/a/b", "http://127.0.0.1:4000", "http://[::1]:4000", "http://localhost:4000/as"} {
		config := newLab(t, strict(t)).config(issuer)
		if _, err := New(config); err != nil {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

// What the caller does with its configuration afterwards is its own business.
func TestConfigIsCopied(t *testing.T) {
	l := newLab(t, strict(t))
	config := l.config(testIssuer)
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	config.Clients[0].Name, config.Users[0].Password = "changed", "changed"
	if s.clients["ehr"].Name == "changed" || s.users["kberg"].Password == "changed" {
		t.Error("expected a copy")
	}
}
