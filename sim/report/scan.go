package report

import (
	"html"
	"net/url"
	"strings"
)

// text replaces what is known and what looks like a JWT. It goes from run to run of base64url
// characters, in which nearly all our secrets are written: a run is a secret or it is not, so a short
// secret cannot damage a longer word.
func (r *Redactor) text(s string) string {
	for _, odd := range r.odd.in(s) {
		s = replaceAnyForm(s, odd, r.names[odd])
	}
	var out strings.Builder
	done := 0 // s[:done] has been dealt with
	for i := 0; i < len(s); {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			i += 3 // an escape: its digits do not belong to the run that follows
			continue
		}
		if !runByte[s[i]] {
			i++
			continue
		}
		end := runEnd(s, i)
		run := s[i:end]
		name, stop := r.names[run], end
		if at := strings.Index(run, "eyJ"); at >= 0 && (at == 0 || len(run)-at > 10) {
			stop = jwtEnd(s, end)
			name = r.jwt(s[i:stop])
		}
		if name != "" {
			out.WriteString(s[done:i])
			out.WriteString(name)
			done = stop
		}
		i = stop
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// jwt names a JWT that may not have been learnt: a forgery in an error text, or half of one.
func (r *Redactor) jwt(s string) string {
	if name := r.names[s]; name != "" {
		return name
	}
	if name := r.names[strings.TrimSuffix(s, ".")]; name != "" {
		return name + "." // a token at the end of a sentence
	}
	if _, ok := peek(s); !ok {
		return "<" + kindJWT + ">"
	}
	r.remember(kindJWT, s)
	return r.names[s]
}

// jwtEnd extends a run over the dots of a compact JWS. The third part may be empty (alg none).
func jwtEnd(s string, end int) int {
	for parts := 1; parts < 3 && end < len(s) && s[end] == '.'; parts++ {
		next := runEnd(s, end+1)
		if next == end+1 && parts < 2 {
			return end
		}
		end = next
	}
	return end
}

func runEnd(s string, from int) int {
	for from < len(s) && runByte[s[from]] {
		from++
	}
	return from
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isRun(s string) bool { return runEnd(s, 0) == len(s) }

var runByte = func() (table [256]bool) {
	for c := range 256 {
		b := byte(c)
		table[c] = b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '_'
	}
	return table
}()

// replaceAnyForm replaces a secret as it is, as a URL writes it, and as HTML does.
func replaceAnyForm(s, secret, name string) string {
	s = strings.ReplaceAll(s, secret, name)
	for _, form := range []string{url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)} {
		if form != secret {
			s = strings.ReplaceAll(s, form, name)
		}
	}
	return s
}
