package fapi

import "testing"

func TestSameURI(t *testing.T) {
	const base = "https://fhir.test/fhir/Patient/p01"
	for name, test := range map[string]struct {
		a, b string
		same bool
	}{
		"to the letter":                  {base, base, true},
		"case of the scheme":             {"HTTPS" + base[5:], base, true},
		"case of the host":               {"https://FHIR-AZ.Test/fhir/Patient/p01", "https://fhir-az.test/fhir/Patient/p01", true},
		"default port":                   {"https://fhir.test:443/fhir/Patient/p01", base, true},
		"default port, written empty":    {"https://fhir.test:/fhir/Patient/p01", base, true},
		"default port of http":           {"http://a.test:80/", "http://a.test", true},
		"default port, IPv6":             {"https://[::1]:443/", "https://[::1]/", true},
		"case of IPv6":                   {"https://[FE80::A]/", "https://[fe80::a]/", true},
		"query":                          {base + "?_id=1", base, true},
		"another query":                  {base + "?_id=1", base + "?_id=2", true},
		"fragment":                       {base + "#x", base, true},
		"query with a question mark":     {base + "?a=?&b=#c", base, true},
		"empty path":                     {"https://a.test", "https://a.test/", true},
		"empty path with a query":        {"https://a.test?x=/", "https://a.test/", true},
		"unreserved, encoded":            {"https://a.test/%7Eb%2d%2E%5F%41%7a%30", "https://a.test/~b-._Az0", true},
		"case of escapes":                {"https://a.test/a%2fb%c3%a6", "https://a.test/a%2Fb%C3%A6", true},
		"a letter a client would encode": {"https://a.test/æ", "https://a.test/%C3%A6", true},
		"a sign a client would encode":   {`https://a.test/"`, "https://a.test/%22", true},
		"dot segments":                   {"https://a.test/a/./b/../c", "https://a.test/a/c", true},
		"dot segments, encoded":          {"https://a.test/a/%2e/b/%2E%2e/c", "https://a.test/a/c", true},
		"dot at the end":                 {"https://a.test/a/.", "https://a.test/a/", true},
		"dots at the end":                {"https://a.test/a/b/..", "https://a.test/a/", true},
		"dots beyond the root":           {"https://a.test/../../a", "https://a.test/a", true},
		"dots past an empty segment":     {"https://a.test/a//../b", "https://a.test/a/b", true},
		"names that begin with dots":     {"https://a.test/.a/..b/...", "https://a.test/.a/..b/...", true},

		"another path":                   {base, base + "x", false},
		"another case of the path":       {base, "https://fhir.test/fhir/patient/p01", false},
		"a prefix":                       {base, "https://fhir.test/fhir/Patient", false},
		"a slash at the end":             {base + "/", base, false},
		"two slashes in a row":           {"https://fhir.test/fhir//Patient/p01", base, false},
		"two slashes at the start":       {"https://fhir.test//fhir/Patient/p01", base, false},
		"two slashes at the end":         {base + "//", base + "/", false},
		"two slashes and dots":           {"https://a.test/a//./b", "https://a.test/a/b", false},
		"an encoded slash":               {"https://fhir.test/fhir/Patient%2Fp01", base, false},
		"an encoded slash, and a space":  {"https://a.test/a%2Fb c", "https://a.test/a/b%20c", false},
		"an encoded slash before dots":   {"https://a.test/a%2F..%2Fb", "https://a.test/b", false},
		"an escape, escaped":             {"https://a.test/%2541", "https://a.test/%41", false},
		"an escape, escaped, of a slash": {"https://a.test/a%252Fb", "https://a.test/a%2Fb", false},
		"a reserved character, encoded":  {"https://a.test/a%3Bb", "https://a.test/a;b", false},
		"another reserved one":           {"https://a.test/a%24b", "https://a.test/a$b", false},
		"an encoded question mark":       {"https://a.test/a%3Fb", "https://a.test/a?b", false},
		"an encoded hash":                {"https://a.test/a%23b", "https://a.test/a#b", false},
		"a plus for a space":             {"https://a.test/a+b", "https://a.test/a%20b", false},
		"a parameter of a segment":       {base + ";x=1", base, false},
		"another host":                   {"https://lab.test/fhir/Patient/p01", base, false},
		"a host with more in front":      {"https://x.fhir.test/fhir/Patient/p01", base, false},
		"a host with more behind":        {"https://fhir.test.evil.test/fhir/Patient/p01", base, false},
		"a dot behind the host":          {"https://fhir.test./fhir/Patient/p01", base, false},
		"a Kelvin sign for a k":          {"https://\u212a.test/", "https://k.test/", false},
		"a capital that is no ASCII":     {"https://Å.test/", "https://å.test/", false},
		"another scheme":                 {"http" + base[5:], base, false},
		"another port":                   {"https://fhir.test:8443/fhir/Patient/p01", base, false},
		"the other scheme's port":        {"https://fhir.test:80/fhir/Patient/p01", base, false},
		"a port that ends in 443":        {"https://fhir.test:1443/fhir/Patient/p01", base, false},
		"an address that ends in :443":   {"https://[::443]/", "https://[::]/", false},
		"a user":                         {"https://fhir.test@evil.test/fhir/Patient/p01", base, false},
		"a user at the right host":       {"https://a@fhir.test/fhir/Patient/p01", base, false},
		"a user on both sides":           {"HTTPS://a@fhir.test/", "https://a@fhir.test/", false},
		"relative":                       {"/fhir/Patient/p01", base, false},
		"without a scheme":               {"//fhir.test/fhir/Patient/p01", base, false},
		"without a host":                 {"https:///fhir/Patient/p01", base, false},
		"without slashes":                {"https:fhir.test/fhir/Patient/p01", base, false},
		"a port alone":                   {"http://:/", "http:///", false},
		"a space in front":               {" " + base, base, false},
		"a space behind":                 {base + " ", base, false},
		"half an escape":                 {"https://a.test/%4", "https://a.test/A", false},
		"no escape":                      {"https://a.test/%zz", "https://a.test/%ZZ", false},
		"a backslash":                    {`https://fhir.test\fhir\Patient\p01`, base, false},
		"a backslash in the path":        {`https://a.test/a\b`, "https://a.test/a/b", false},
		"a line break":                   {base + "\n", base, false},
		"another scheme without a port":  {"ftp://a.test:/", "ftp://a.test/", false},
		"nothing":                        {"", base, false},
		"nothing twice":                  {"", "", false},
		"two bytes that are no UTF-8":    {"https://\xff.test/", "https://\xfe.test/", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
				if got := SameURI(pair[0], pair[1]); got != test.same {
					na, errA := normalURI(pair[0])
					nb, errB := normalURI(pair[1])
					t.Errorf("%q and %q: expected same to be %v, got %q %v and %q %v", pair[0], pair[1], test.same, na, errA, nb, errB)
				}
			}
		})
	}
}

func TestWithoutQuery(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "https://a.test/b": "https://a.test/b", "https://a.test/b?c": "https://a.test/b", "https://a.test/b#c?d": "https://a.test/b",
		"https://a.test/b?c#d?e": "https://a.test/b", "?": "", "https://a.test?": "https://a.test",
	} {
		if got := WithoutQuery(in); got != want {
			t.Errorf("%q: expected %q, got %q", in, want, got)
		}
	}
}

// RFC 3986 s5.2.4 and s5.4, as far as it is about absolute paths.
func TestWithoutDots(t *testing.T) {
	for in, want := range map[string]string{
		"/a/b/c/./../../g": "/a/g", "/": "/", "/.": "/", "/..": "/", "/./": "/", "/../": "/", "/...": "/...", "/..g": "/..g", "/g..": "/g..",
		"/b/c/./g/.": "/b/c/g/", "/b/c/g/./h": "/b/c/g/h", "/b/c/g/../h": "/b/c/h", "/b/c/../../../g": "/g", "//.": "//", "//..": "/", "/..//x": "//x",
	} {
		if got := withoutDots(in); got != want {
			t.Errorf("%q: expected %q, got %q", in, want, got)
		}
	}
}
