package probe

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Tokens with which nothing is wrong, for a record that is none of their business.

const fixObject = "ask whose record it is: compare the subject of the token, or whom it stands for, with the patient of every record that is read or written"

var objectTries = []Try{
	onOther("other", "rs/entitlement-read", "one patient's access token for another patient's record", readingOther, func(own, other string) (string, bool) { return other, true }),
	onOther("other-by-dots", "rs/entitlement-read", "another patient's record by way of one's own (/own/../other)", readingOther, byDots),
	onOther("other-as-second", "rs/entitlement-read", "another patient behind oneself in the query (?patient=own&patient=other)", readingOther, asSecond),
	onOther("write-other", "rs/entitlement-write", "one patient's access token, to write in another patient's record", writingOther, func(own, other string) (string, bool) { return other, true }),
	{
		Name: "object/stranger", Control: "rs/entitlement-read", Title: "the access token of somebody whom the API does not know", Fix: fixObject, refusal: asYouLike,
		needs: func(b *bench) string {
			if b.t.Subject == "" {
				return "the honest token speaks for nobody in particular: name a subject"
			}
			for name, value := range b.t.Claims {
				if said, ok := value.(string); !ok || !namesSubject(said, b.t.Subject) {
					return "the claim " + name + " may say whom the token speaks for, too"
				}
			}
			return ""
		},
		run: func(b *bench) error {
			token, err := b.g.Token(b.ctx, b.wishOf("a-stranger-to-you", nil))
			if err != nil {
				return err
			}
			_, err = b.rightly(token)
			return err
		},
	},
}

func readingOther(b *bench) string {
	if !b.t.reads() {
		return "it is about requests that read"
	}
	return namesOther(b)
}

func writingOther(b *bench) string {
	if b.t.reads() {
		return "it is about requests that write"
	}
	return namesOther(b)
}

func namesOther(b *bench) string {
	switch {
	case b.t.Other == "":
		return "no record of another patient was named"
	case b.t.Subject == "":
		return "the honest token speaks for nobody in particular: name a subject"
	}
	return ""
}

// onOther sends the honest token to an address of the other record. Whoever has a right to that is asked first, if he is
// known: what is refused to everybody was not refused to the thief.
func onOther(name, control, title string, needs func(*bench) string, address func(own, other string) (string, bool)) Try {
	return Try{
		Name: "object/" + name, Control: control, Title: title, Fix: fixObject, refusal: asYouLike,
		needs: func(b *bench) string {
			if why := needs(b); why != "" {
				return why
			}
			if _, ok := address(b.t.URL, b.t.Other); !ok {
				return "the two records are not at the same place"
			}
			return ""
		},
		prepare: func(b *bench) (bool, error) {
			if b.t.OtherSubject == "" {
				x, err := b.honest()
				return x.ok(), err
			}
			token, err := b.g.Token(b.ctx, b.wishOf(b.t.OtherSubject, b.t.OtherClaims))
			if err != nil {
				return false, err
			}
			x, err := b.to(b.t.Other, token)
			return x.ok(), err
		},
		run: func(b *bench) error {
			token, err := b.token("")
			if err != nil {
				return err
			}
			to, _ := address(b.t.URL, b.t.Other)
			_, err = b.to(to, token)
			return err
		},
		judged: func(b *bench, a *Attempt) {
			if a.Elsewhere = true; b.t.OtherSubject == "" {
				a.Honest = nil // they show the wrong record
			}
		},
	}
}

// to sends a token to another address than the target, which is not cleaned.
func (b *bench) to(rawURL string, token Token) (Exchange, error) {
	return b.send(b.t.Certificate, func() (*http.Request, error) {
		return b.carryingTo(rawURL, token, ProofWish{Nonce: b.nonce})
	})
}

// asSecond asks for both by one parameter: a check that reads the first lets a search pass that reads the last.
func asSecond(own, other string) (string, bool) {
	a, err := url.Parse(own)
	if err != nil {
		return "", false
	}
	o, err := url.Parse(other)
	if err != nil || a.Host != o.Host || a.Path != o.Path || a.RawQuery == "" || o.RawQuery == "" {
		return "", false
	}
	return own + "&" + o.RawQuery, true
}

func byDots(own, other string) (string, bool) {
	a, err := url.Parse(own)
	if err != nil {
		return "", false
	}
	o, err := url.Parse(other)
	if err != nil || a.Host != o.Host || path.Dir(a.Path) != path.Dir(o.Path) || o.RawQuery != "" || a.RawQuery != "" {
		return "", false
	}
	return strings.TrimSuffix(own, "/") + "/../" + path.Base(o.Path), true
}
