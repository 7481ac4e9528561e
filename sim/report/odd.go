package report

import "slices"

// oddSecrets are those that are not one run of base64url characters: request_uris, cookies with a name, passwords of
// several words. A server learns one with nearly every request, and looking for each of them in each text takes longer
// than all else; so they are found by their longest run, of which the text goes on or ends just where it does.
type oddSecrets struct {
	heads, tails map[string][]string // by the first or last letters of that run
	short        []string            // without a run that is long enough; looked for one by one
	number       map[string]int      // in order of appearance, in which they are replaced
	last         int
}

// gram is how many letters of a run tell it from nearly all others.
const gram = 8

// place is where a secret is filed. What stands before or after its longest run, within the secret, is no part of a
// run: there the run begins or ends in every text that holds the secret.
func (o *oddSecrets) place(secret string) (in map[string][]string, key string) {
	start, end := 0, 0
	for i := 0; i < len(secret); {
		if !runByte[secret[i]] {
			i++
			continue
		}
		stop := runEnd(secret, i)
		if stop-i > end-start {
			start, end = i, stop
		}
		i = stop
	}
	switch {
	case end-start < gram:
		return nil, ""
	case start > 0:
		return o.heads, secret[start : start+gram]
	}
	return o.tails, secret[end-gram : end]
}

func (o *oddSecrets) add(secret string) {
	if o.number == nil {
		o.heads, o.tails, o.number = map[string][]string{}, map[string][]string{}, map[string]int{}
	}
	o.last++
	o.number[secret] = o.last
	if in, key := o.place(secret); in != nil {
		in[key] = append(in[key], secret)
		return
	}
	o.short = append(o.short, secret)
}

func (o *oddSecrets) forget(secret string) {
	if o.number[secret] == 0 {
		return
	}
	delete(o.number, secret)
	is := func(other string) bool { return other == secret }
	in, key := o.place(secret)
	if in == nil {
		o.short = slices.DeleteFunc(o.short, is)
		return
	}
	if in[key] = slices.DeleteFunc(in[key], is); len(in[key]) == 0 {
		delete(in, key)
	}
}

// in returns those that may stand in a text, and perhaps others, in order of appearance.
func (o *oddSecrets) in(s string) []string {
	if len(o.number) == 0 {
		return nil
	}
	found := slices.Clone(o.short)
	for i := 0; i < len(s); {
		if !runByte[s[i]] {
			i++
			continue
		}
		end := runEnd(s, i)
		if end-i >= gram {
			found = append(append(found, o.heads[s[i:i+gram]]...), o.tails[s[end-gram:end]]...)
		}
		if i >= 1 && s[i-1] == '%' && end-i >= gram+2 { // the digits of an escape are no part of the run that follows
			found = append(found, o.heads[s[i+2:i+2+gram]]...)
		}
		i = end
	}
	slices.SortFunc(found, func(a, b string) int { return o.number[a] - o.number[b] })
	return slices.Compact(found)
}
