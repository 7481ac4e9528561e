package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"thiefbox/fhirmock"
	"thiefbox/sim/control"
	"thiefbox/sim/dice"
)

// Server is a running server. It is safe for concurrent use.
type Server struct {
	config  Config
	profile control.Profile // of issuers that name none
	dice    *dice.Dice
	people  *fhirmock.People
	told    string // what was imported; empty for nothing
	// organisations are the ids of organisations by number.
	organisations map[string]string
	ca            *authority
	shelf         shelf

	temporary bool
	https     int // ports; 0 for none
	http      int
	mtls      int
	origins   map[string]string // "https://localhost:443" to the origin as it is written
	aliases   map[string]string // an origin to the one where its clients are asked for certificates

	mu        sync.Mutex
	tenants   map[string]*tenant // by first path segment
	registrar registrar          // of the clients' file; under mu

	sockets sockets
	stop    context.CancelFunc
	// background is what is made while the server serves.
	background sync.WaitGroup
	hooks      hooks
	once       sync.Once
	closed     error
}

// Start listens and returns at once. The server ends with ctx, or with Close.
func Start(ctx context.Context, c Config) (*Server, error) {
	c, profile, err := c.checked()
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: c, profile: profile, dice: dice.Secure(),
		origins: map[string]string{}, aliases: map[string]string{}, tenants: map[string]*tenant{},
	}
	if err := s.settle(); err != nil {
		return nil, err
	}
	if err := s.checkSettings(c.Settings); err != nil {
		return nil, err
	}
	if c.ClientsFile != "" {
		s.registrar.file = c.ClientsFile
		if _, err := s.registrar.refresh(s.beside()); err != nil {
			return nil, err
		}
	}
	if err := s.openDir(); err != nil {
		return nil, err
	}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// settle finds out who the patients are.
func (s *Server) settle() (err error) {
	s.people = fhirmock.Everybody()
	if c := s.config; c.People != 0 || c.Import != "" {
		s.people, s.told, err = fhirmock.Settle(c.People, c.PeopleSeed, c.Import, c.SkipInvalid)
	}
	if err != nil {
		return err
	}
	s.organisations = map[string]string{}
	for _, o := range s.people.Organizations() {
		s.organisations[o.Number] = o.ID
	}
	return nil
}

// readBeside reads a file that the clients' file names, which is relative to it.
func (s *Server) readBeside(name string) ([]byte, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(s.config.ClientsFile), name)
	}
	return os.ReadFile(name)
}

func (s *Server) beside() beside {
	return beside{s.readBeside, func(c settingsChange) error { return c.apply(s, &Settings{}) }, s.organisationNumber}
}

func (s *Server) openDir() (err error) {
	if s.config.Dir == "" {
		s.temporary = true
		s.config.Dir, err = os.MkdirTemp("", "thiefbox-serve-")
		return err
	}
	if s.config.Dir, err = filepath.Abs(s.config.Dir); err != nil {
		return err
	}
	return os.MkdirAll(s.config.Dir, 0o700)
}

// open makes the first issuer, so that the first request finds it made, and then the sockets.
func (s *Server) open(ctx context.Context) error {
	now := s.config.Now()
	var err error
	if s.ca, err = openAuthority(s.config.Dir, s.config.hostNames(), now); err != nil {
		return err
	}
	certificate, err := s.ca.serverConfig(s.config.hostNames(), now)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	s.stop = stop
	s.hooks.open(serving, s)
	secure, err := s.bind(s.config.HTTPSPort, "https", &s.https)
	if err != nil {
		return err
	}
	mutual, err := s.bind(s.config.MTLSPort, "https", &s.mtls)
	if err != nil {
		return errors.Join(err, closeAll(secure))
	}
	s.enterAliases()
	plain, err := s.bind(s.config.HTTPPort, "http", &s.http)
	if err != nil {
		return errors.Join(err, closeAll(secure), closeAll(mutual))
	}
	first, err := s.Issuer(inPath(s.profile.Name))
	if err != nil {
		return errors.Join(err, closeAll(secure), closeAll(mutual), closeAll(plain))
	}
	if s.config.SuiteKey && first.tenant.suite.Load() == nil {
		s.background.Go(func() { s.makeSuiteKey(first.tenant) })
	}
	s.serve(serving, secure, certificate)
	s.serve(serving, mutual, asking(certificate))
	s.serve(serving, plain, nil)
	context.AfterFunc(serving, func() { _ = s.Close() }) // whoever calls Close too is told what went wrong
	return nil
}

func (s *Server) serve(ctx context.Context, listeners []net.Listener, config *tls.Config) {
	if len(listeners) > 0 {
		s.sockets.serve(ctx, listeners, config, s)
	}
}

// bind opens a port and enters the origins that it serves.
func (s *Server) bind(port int, scheme string, got *int) ([]net.Listener, error) {
	if port < 0 {
		return nil, nil
	}
	listeners, bound, err := listen(s.config.addresses(), port)
	if err != nil {
		return nil, err
	}
	*got = bound
	for _, name := range s.config.hostNames() {
		written := hostPort(scheme, name, bound)
		s.origins[scheme+"://"+written] = scheme + "://" + written
		s.origins[fmt.Sprintf("%s://%s:%d", scheme, bracketed(name), bound)] = scheme + "://" + written
	}
	return listeners, nil
}

// enterAliases makes the origins of the port that asks for certificates others of those that do not.
func (s *Server) enterAliases() {
	if s.https == 0 || s.mtls == 0 {
		return
	}
	for _, name := range s.config.hostNames() {
		main, alias := "https://"+hostPort("https", name, s.https), "https://"+hostPort("https", name, s.mtls)
		s.origins[alias], s.aliases[main] = main, alias
		s.origins[fmt.Sprintf("https://%s:%d", bracketed(name), s.mtls)] = main
	}
}

func bracketed(name string) string {
	if ip := net.ParseIP(name); ip != nil && ip.To4() == nil {
		return "[" + name + "]"
	}
	return name
}

// Close ends the server, waits for it, and removes a temporary directory. It may be called again.
func (s *Server) Close() error {
	s.once.Do(func() {
		if s.stop != nil {
			s.stop()
		}
		s.hooks.close()
		s.background.Wait()
		s.closed = s.sockets.close()
		s.mu.Lock()
		for _, t := range s.tenants {
			s.closed = errors.Join(s.closed, t.closeRecords(), t.closeState())
		}
		s.mu.Unlock()
		if s.temporary {
			s.closed = errors.Join(s.closed, os.RemoveAll(s.config.Dir))
		}
	})
	return s.closed
}

// Origin is where clients find the server: https on localhost, or http if that is all there is.
func (s *Server) Origin() string {
	if s.https != 0 {
		return "https://" + hostPort("https", "localhost", s.https)
	}
	return s.PlainOrigin()
}

// PlainOrigin is the origin without TLS; empty if there is none.
func (s *Server) PlainOrigin() string {
	if s.http == 0 {
		return ""
	}
	return "http://" + hostPort("http", "localhost", s.http)
}

// CAFile is the certificate to trust, in PEM.
func (s *Server) CAFile() string { return s.ca.file }

// Client returns an HTTP client that trusts the server and follows no redirect, which OAuth clients
// want to see. The caller closes its idle connections.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.ca.pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Names lists the issuers made so far, by first path segment.
func (s *Server) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.tenants {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
