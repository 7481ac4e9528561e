package profile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"thiefbox/sim/control"
)

// dialect changes what the file says. Without a base it has to say everything that has no empty value.
func (r *reader) dialect(root mapping, based bool, d control.Dialect) (control.Dialect, error) {
	names, index := fields()
	n := root.at("dialect")
	if n == nil && !based {
		return d, r.wrong(nil, "begin from a named profile with \"base:\", or describe one.", "expected a base or a dialect, got neither")
	}
	if n == nil {
		return d, nil
	}
	m, err := r.mapping(n, "dialect", names)
	if err != nil {
		return d, err
	}
	v := reflect.ValueOf(&d).Elem()
	for _, e := range m.entries {
		if err := r.field(e.value, e.name, v.Field(index[e.name])); err != nil {
			return d, err
		}
	}
	if based {
		return d, nil
	}
	for _, name := range names {
		if required(name) && m.at(name) == nil {
			return d, r.wrong(n, "add it, or begin from a named profile with \"base:\".", "dialect: expected %s, got nothing", name)
		}
	}
	return d, nil
}

// required are the fields that every named profile fills in: nobody can do without.
func required(name string) bool {
	_, index := fields()
	return !slices.ContainsFunc(control.Profiles(), func(p control.Profile) bool {
		f := reflect.ValueOf(p.Dialect).Field(index[name])
		return f.Kind() == reflect.Bool || f.IsZero()
	})
}

var durationType = reflect.TypeFor[time.Duration]()

func (r *reader) field(n ast.Node, name string, v reflect.Value) error {
	switch {
	case v.Type() == durationType:
		text, err := r.word(n, name)
		if err != nil {
			return err
		}
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return r.wrong(n, "write 90s, 10m or 1h.", "%s: expected a span of time, got %q", name, text)
		}
		v.SetInt(int64(d))
	case v.Kind() == reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			return r.wrong(n, "", "%s: expected true or false, got %s", name, shown(n))
		}
		v.SetBool(b.Value)
	case v.Kind() == reflect.String:
		if s, ok := n.(*ast.StringNode); ok && s.Value == "" && !required(name) { // without what the base has
			v.SetString("")
			return nil
		}
		text, err := r.word(n, name)
		if err != nil {
			return err
		}
		if allowed := choices(name); !slices.Contains(allowed, text) {
			hint := "There are " + strings.Join(allowed, ", ") + "."
			if !required(name) {
				hint = "There are " + strings.Join(allowed, ", ") + `, and "" for none.`
			}
			if near := r.nearest(text, allowed); near != "" {
				hint = fmt.Sprintf("did you mean %q? ", near) + hint
			}
			return r.wrong(n, hint, "%s: expected one of the words there are, got %q", name, text)
		}
		v.SetString(text)
	case v.CanInt():
		text, err := r.word(n, name)
		if err != nil {
			return err
		}
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 {
			return r.wrong(n, "", "%s: expected a number, got %q", name, text)
		}
		v.SetInt(int64(i))
	default:
		return r.wrong(n, "use it by way of \"base:\".", "%s cannot be written in a file", name)
	}
	return nil
}

// choices are the words a field can have: those some named profile uses, and those that none does but
// the parties know.
func choices(field string) []string {
	_, index := fields()
	known := map[string][]string{
		"client_auth": {string(control.ClientSecretBasic), string(control.ClientSecretPost), string(control.PrivateKeyJWT),
			string(control.TLSClientAuth), string(control.SelfSignedTLSClientAuth)},
		"sender_constraint":  {string(control.Bearer), string(control.DPoP), string(control.MTLS)},
		"request":            {string(control.PlainRequest), string(control.PushedRequest), string(control.SignedRequest)},
		"response":           {string(control.PlainResponse), string(control.JWTResponse)},
		"assertion_audience": {string(control.AudienceIssuer), string(control.AudienceEndpoint), string(control.AudienceArray)},
		"token_alg":          {"ES256", "PS256", "EdDSA", "RS256"},
	}[field]
	for _, p := range control.Profiles() {
		v := reflect.ValueOf(p.Dialect).Field(index[field]).String()
		if v != "" && !slices.Contains(known, v) {
			known = append(known, v)
		}
	}
	return known
}
