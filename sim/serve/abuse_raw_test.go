package serve

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// saying sends bytes as they are and returns the statuses of what is answered until the server hangs up, or says
// nothing for a moment.
func saying(t *testing.T, address, text string) (statuses []int) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		return nil
	}
	for in := bufio.NewReader(conn); ; {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		statuses = append(statuses, resp.StatusCode)
		_ = conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	}
}

// What no HTTP library would send: requests with two lengths, in which another hides, for other hosts than the
// one that is connected to, or in no form at all. Each gets one refusal, and what hides in it is not answered. HOST
// stands for the right one.
func TestAbuseByTheByte(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	host := strings.TrimPrefix(s.PlainOrigin(), "http://")
	const hidden = "GET /neighbour/jwks HTTP/1.1\r\nHost: HOST\r\n\r\n"
	post := "POST /victim/token HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, text := range map[string]string{
		"two lengths":             post + "Content-Length: 3\r\nContent-Length: 7\r\n\r\na=b" + hidden,
		"a length with a sign":    post + "Content-Length: +3\r\n\r\na=b",
		"a negative length":       post + "Content-Length: -1\r\n\r\n",
		"a length of many digits": post + "Content-Length: 99999999999999999999\r\n\r\n",
		"an unknown encoding":     post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
		"an encoding disguised":   post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"a chunk of no size":      post + "Transfer-Encoding: chunked\r\n\r\nzz\r\na=b\r\n0\r\n\r\n" + hidden,
		"a chunk too large":       post + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\na=b\r\n0\r\n\r\n",
		"chunks for ever":         post + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("8000\r\n"+strings.Repeat("a", 0x8000)+"\r\n", 40),
		"a header folded":         "GET /victim/jwks HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b: c\r\nno colon\r\n\r\n",
		"a space in a name":       "GET /victim/jwks HTTP/1.1\r\nHost : HOST\r\n\r\n",
		"a NUL in a value":        "GET /victim/jwks HTTP/1.1\r\nHost: HOST\r\nX: a\x00b\r\n\r\n",
		"no Host":                 "GET /victim/jwks HTTP/1.1\r\n\r\n",
		"two Hosts":               "GET /victim/jwks HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n",
		"a Host with a path":      "GET /victim/jwks HTTP/1.1\r\nHost: HOST/evil.example\r\n\r\n",
		"a Host with a person":    "GET /victim/jwks HTTP/1.1\r\nHost: HOST@evil.example\r\n\r\n",
		"another Host":            "GET /victim/jwks HTTP/1.1\r\nHost: evil.example\r\n\r\n",
		"another port":            "GET /victim/jwks HTTP/1.1\r\nHost: localhost:1\r\n\r\n",
		"another target":          "GET http://evil.example/victim/jwks HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"the metadata address":    "GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"a tunnel":                "CONNECT HOST HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"a tunnel elsewhere":      "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
		"a path that climbs":      "GET /victim/../../etc/passwd HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"a path that hides":       "GET /victim%2f..%2f..%2fetc HTTP/1.1\r\nHost: HOST\r\n\r\n",
		"another version":         "GET /victim/jwks HTTP/9.9\r\nHost: HOST\r\n\r\n",
		"no request":              "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
		"a thousand headers":      "GET /victim/jwks HTTP/1.1\r\nHost: HOST\r\n" + strings.Repeat("X: "+strings.Repeat("a", 100)+"\r\n", 1000) + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got := saying(t, host, strings.ReplaceAll(text, "HOST", host))
			if len(got) != 1 || got[0] < 400 || got[0] == 500 || got[0] > 505 {
				t.Errorf("expected one refusal, got %v", got)
			}
		})
	}
	if got := saying(t, host, "GET http://"+host+"/victim/jwks HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); len(got) != 1 || got[0] != http.StatusOK {
		t.Errorf("expected a target in full to be as good as any (RFC 9112 s3.2.2), got %v", got)
	}
	// Chunks count for more than a length (RFC 9112 s6.3); what comes after them is refused, since a proxy may have
	// gone by the length.
	both := post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	if got := saying(t, host, strings.ReplaceAll(both+"nonsense\r\n\r\n"+hidden, "HOST", host)); len(got) > 2 || len(got) == 2 && got[1] != http.StatusBadRequest {
		t.Errorf("expected no answer to what hides, got %v", got)
	}
}

// Slow senders of headers and of bodies lose their connection, and the neighbour hears nothing of it.
func TestSlowSenders(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	host := strings.TrimPrefix(s.PlainOrigin(), "http://")
	impatient := sockets{patience: 200 * time.Millisecond}
	listeners, port, err := listen([]string{"127.0.0.1"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	impatient.serve(t.Context(), listeners, nil, s)
	t.Cleanup(func() { _ = impatient.close() })
	for name, text := range map[string]string{
		"headers": "GET /victim/jwks HTTP/1.1\r\nHost: " + host + "\r\n",
		"a body":  "POST /victim/token HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n",
		"chunks":  "POST /victim/par HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n",
		"nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			ended := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, conn) // an answer, perhaps, and then the end
				ended <- err
			}()
			drip := text
			for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
				if _, err := io.WriteString(conn, drip); err != nil {
					return
				}
				if drip = ""; text != "" {
					drip = "1\r\n"[:1]
				}
				select {
				case <-ended:
					return
				default:
				}
				if time.Since(began) > 5*time.Second {
					t.Fatal("expected to be cut off, and was not")
				}
			}
		})
	}
	resp, err := http.Get(s.PlainOrigin() + "/neighbour/jwks")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// What a page of another site has a browser do here does nothing, by whichever name it comes: its own domain, pointed
// at this machine, or ours. People may follow a link.
func TestPagesOfOthers(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	i := issuer(t, s, "victim")
	for path, methods := range own {
		if !strings.HasPrefix(path, pathOwn) {
			continue
		}
		for method := range methods {
			for name, spoil := range map[string]func(*http.Request){
				"a name of theirs": func(r *http.Request) { r.Host = "evil.example" + r.Host[strings.Index(r.Host, ":"):] },
				"a page of theirs": func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
				"no page at all":   func(r *http.Request) { r.Header.Set("Origin", "null") },
				"a script of theirs": func(r *http.Request) {
					r.Header.Set("Sec-Fetch-Site", "cross-site")
					r.Header.Set("Sec-Fetch-Mode", "no-cors")
				},
				"a page next door": func(r *http.Request) {
					r.Header.Set("Sec-Fetch-Site", "same-site")
					r.Header.Set("Sec-Fetch-Mode", "cors")
				},
				"a name that is alike": func(r *http.Request) { r.Host = "localhost.evil.example" + r.Host[strings.Index(r.Host, ":"):] },
			} {
				r, err := http.NewRequest(method, i.URL+path, strings.NewReader(`{}`))
				if err != nil {
					t.Fatal(err)
				}
				spoil(r)
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusMisdirectedRequest || resp.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s %s by %s: expected a refusal, got %d %v", method, path, name, resp.StatusCode, resp.Header)
				}
			}
		}
	}
	r := httptest.NewRequest(http.MethodGet, i.URL+pathWhy, nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("expected a link to lead here, got %d", w.Code)
	}
}

// URIs in a registration are kept and shown, and never called: not the logo, not the policy, not the list of sectors.
func TestRegistrationFetchesNothing(t *testing.T) {
	s := start(t, Config{HTTPSPort: -1})
	i := issuer(t, s, "victim")
	inner := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("expected nothing to be fetched, got %s", r.URL)
	}))
	t.Cleanup(inner.Close)
	a := newApp(t, s, i, "machine")
	for _, member := range []string{"logo_uri", "client_uri", "policy_uri", "tos_uri", "sector_identifier_uri", "initiate_login_uri", "backchannel_logout_uri", "jwks_uri", "request_uris"} {
		for _, uri := range []string{inner.URL + "/" + member, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "http://[::1]:1/"} {
			value := `"` + uri + `"`
			if member == "request_uris" {
				value = "[" + value + "]"
			}
			body := `{"` + member + `":` + value + `,"redirect_uris":["https://x.example/cb"],"token_endpoint_auth_method":"client_secret_basic","scope":"openid"}`
			r := a.request(http.MethodPost, i.URL+"/register", url.Values{})
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+i.tenant.initial)
			if got := a.do(r); got.StatusCode >= 500 {
				t.Errorf("%s: expected an answer, got %d %s", body, got.StatusCode, got.body)
			}
		}
	}
}
