// Package serve puts the authorization server and the FHIR API on real sockets, for developers who point
// their own client at them and want to know why it is refused.
//
// Begin with Config and Start. The first segment of a path is an issuer of its own, made when it is
// first used (issuers.go): /team-a has its own clients, keys, people and log, under the default profile;
// /hardened is an issuer under the profile of that name; /team-a~hardened is one of that name under that
// profile. cast.go says who is registered at each. route.go sends a request on its way, exchange.go
// writes it down, journal.go keeps the latest, events.go and why.go tell them. certificate.go is about client
// certificates, keyring.go about the keys that sign. sign.go signs for people on curl, screen.go is what is printed at
// the start, and browser.go how texts look in a browser. national.go has what an issuer under the profile helseid has besides, and testtoken.go answers as
// HelseID's test token service does. run.go is for whoever starts it: the command, and Go tests, which begin with For.
// state.go keeps what has happened, if it is asked to. settings.go is how long things live, and who is signed in
// without pages.
//
// An issuer must equal the URL it is used at (RFC 8414 s3.3), so one name has as many issuers as there
// are origins: https and http, localhost and 127.0.0.1. They share clients, keys, people and log; codes,
// tokens, sessions and nonces are each one's own. The origin is taken from the Host header, which the
// sender chooses, so only the names on a short list are served: a web page that points its own domain at
// 127.0.0.1 gets nothing.
//
// Everything here is made up and the keys lie around in files. It serves no real person.
package serve

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"thiefbox/sim/control"
	"thiefbox/sim/event"
)

// Ports that the command offers when nobody asks for others. 0 is a free one.
const (
	DefaultHTTPSPort = 9443
	DefaultHTTPPort  = 9080
)

// defaultProfile is what a developer meets who asks for nothing: every SHALL and nothing more.
const defaultProfile = "fapi2-dpop"

// Config says what to serve and where. Now is needed; all else has a default.
type Config struct {
	// Host is the address to listen on: empty for 127.0.0.1 and ::1 together.
	Host string
	// BeyondLoopback permits a Host that other machines can reach. Whoever can reach it is everybody.
	BeyondLoopback bool
	// Names are further names the server is called by, such as that of a container. They stand in the
	// certificate, and in what the certificate authority may vouch for.
	Names []string
	// HTTPSPort and HTTPPort are the ports; 0 for a free one, negative for none.
	HTTPSPort, HTTPPort int
	// MTLSPort is the port for HTTPS that asks clients for certificates; 0 for the one after HTTPSPort, or a
	// free one where that is free too, negative for none. Without HTTPSPort there is none.
	MTLSPort int
	// Dir keeps the certificate authority, the keys and the clients' files from one start to the next.
	// Empty for a temporary one that is removed at the end.
	Dir string
	// Keep keeps in Dir, besides the keys, what people and clients do: records, registrations, grants, tokens,
	// sessions, proofs that were used, the clock. Every answer waits for the disk.
	Keep bool
	// Profile is the profile of issuers that name none; empty for fapi2-dpop.
	Profile string
	// Own is a profile of somebody's own, from a file, in place of a named one; nil for none.
	Own *control.Profile
	// SeparateReplay gives the two nodes of the FHIR API memories of their own, so that a proof can be
	// used once at each, as behind many a real load balancer.
	SeparateReplay bool
	// RedirectURIs are registered for the web applications, next to the usual ones on localhost.
	RedirectURIs []string
	// HookSites are origins to which the FHIR API may send records for any client that subscribes there, beside the origins of
	// the client's redirect URIs. Those that are not on this machine are reached only if they stand here.
	HookSites []string
	// Suite is the base URL of the OpenID Foundation's conformance suite, and SuiteAlias the alias of its
	// test configuration: its clients are sent back there. Empty for DefaultSuite and DefaultSuiteAlias.
	Suite, SuiteAlias string
	// SuiteKey has an RSA key made for the suite's first clients at the first issuer, while the server serves.
	SuiteKey bool
	// MaxIssuers bounds how many issuers can be made; 0 for 100.
	MaxIssuers int
	// ClientsFile holds registrations of one's own, besides the clients that every issuer has; empty for
	// none. clients_file.go says what is in it.
	ClientsFile string
	// Settings are what issuers do where the specifications leave it open; the zero value is pages for every
	// sign-in, and the lifetimes of idp.Lifetimes. The clients' file may say otherwise for some.
	Settings Settings
	// People are further patients beside the forty, made from PeopleSeed; 0 for none. Import is a file or a
	// folder of FHIR bundles or NDJSON whose patients are served too; empty for none. SkipInvalid leaves out
	// what of them is wrong, in place of serving nothing.
	People      int
	PeopleSeed  uint64
	Import      string
	SkipInvalid bool
	// Awkward makes every issuer awkward from the start, in the usual mix; AwkwardSeed repeats a sequence.
	Awkward     bool
	AwkwardSeed uint64
	// ReadyFile is written by Run when the server listens, and removed at the end; empty for none.
	ReadyFile string
	// Now is the machine's clock: time.Now, where that may be said.
	Now func() time.Time
	// Log is told every event without its secrets, in order for each issuer. It is called under a lock,
	// so it must be quick and must not call the server.
	Log func(issuer string, e event.Event)
	// Raw is Log for who hides secrets himself, and needs to see them for that: tokens as they were sent.
	Raw func(issuer string, e event.Event)
}

// checked returns the configuration with its defaults, and the default profile.
func (c Config) checked() (Config, control.Profile, error) {
	if c.Now == nil {
		return c, control.Profile{}, errors.New("serve: expected a clock in Now, got none")
	}
	if c.HTTPSPort < 0 && c.HTTPPort < 0 {
		return c, control.Profile{}, errors.New("serve: expected a port for https or http, got none for either")
	}
	switch {
	case c.HTTPSPort < 0:
		c.MTLSPort = -1
	case c.MTLSPort == 0 && c.HTTPSPort > 0:
		c.MTLSPort = c.HTTPSPort + 1
	}
	for _, port := range []int{c.HTTPSPort, c.HTTPPort, c.MTLSPort} {
		if err := checkPort(port); err != nil {
			return c, control.Profile{}, err
		}
	}
	if c.Keep && c.Dir == "" {
		return c, control.Profile{}, errors.New("serve: expected a Dir to keep things in, got none")
	}
	if err := c.checkHost(); err != nil {
		return c, control.Profile{}, err
	}
	if err := c.checkHookSites(); err != nil {
		return c, control.Profile{}, err
	}
	if c.MaxIssuers <= 0 {
		c.MaxIssuers = 100
	}
	if err := c.checkSuite(); err != nil {
		return c, control.Profile{}, err
	}
	if c.Own != nil {
		c.Profile = c.Own.Name
		return c, *c.Own, nil
	}
	c.Profile = cmp.Or(c.Profile, defaultProfile)
	profile, err := control.ProfileNamed(c.Profile)
	return c, profile, err
}

// checkHost wants an address, so that what is listened on is what was read.
func (c Config) checkHost() error {
	if c.Host == "" || c.Host == "localhost" {
		return nil
	}
	address, err := netip.ParseAddr(c.Host)
	if err != nil {
		return fmt.Errorf("serve: expected the host to be an IP address, got %q", c.Host)
	}
	if !address.IsLoopback() && !c.BeyondLoopback {
		return fmt.Errorf("serve: expected a loopback address (127.0.0.1 or ::1), got %s; other machines must be let in explicitly", c.Host)
	}
	return nil
}

// addresses are what to listen on.
func (c Config) addresses() []string {
	if c.Host == "" || c.Host == "localhost" {
		return []string{"127.0.0.1", "::1"}
	}
	return []string{c.Host}
}

// hostNames are the names in the certificate, and the only ones that are answered to.
func (c Config) hostNames() []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	if a, err := netip.ParseAddr(c.Host); err == nil && !a.IsUnspecified() {
		names = append(names, a.String())
	}
	names = append(names, c.Names...)
	slices.Sort(names[3:])
	return slices.Compact(names)
}

// refusedPorts are those above 1023 that browsers do not open (Fetch s2.9).
var refusedPorts = []int{1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}

func checkPort(port int) error {
	if port > 65535 {
		return fmt.Errorf("serve: expected a port up to 65535, got %d", port)
	}
	if slices.Contains(refusedPorts, port) {
		return fmt.Errorf("serve: expected a port that browsers open, got %d; take another", port)
	}
	return nil
}

// hostPort writes the authority of a URL: the default port is left out, IPv6 stands in brackets.
func hostPort(scheme, host string, port int) string {
	if scheme == "https" && port == 443 || scheme == "http" && port == 80 {
		if a, err := netip.ParseAddr(host); err == nil && a.Is6() {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}
