package detect

// Family is how a pack did on the attacks of one family, all rules together.
type Family struct {
	Family   string `json:"family"`
	Breached Share  `json:"recall_of_breached"`
	Held     Share  `json:"recall_of_stopped"`
}

// families counts samples by family, in the order in which they come. A run counts if any of the rules rang.
func families(counted map[*Rule]*tally, samples []Sample) []Family {
	type counts struct{ rang, runs [2]int } // 0 for runs that were stopped, 1 for those that succeeded
	of := map[string]*counts{}
	var order []string
	for _, s := range samples {
		if s.Attack == "" {
			continue
		}
		f := family(s.Attack)
		if of[f] == nil {
			of[f], order = &counts{}, append(order, f)
		}
		how := 0
		if s.Breached {
			how = 1
		}
		of[f].runs[how]++
		for _, fired := range s.Fired {
			if counted[fired.Rule] != nil {
				of[f].rang[how]++
				break
			}
		}
	}
	out := []Family{}
	for _, f := range order {
		c := of[f]
		out = append(out, Family{Family: f, Breached: NewShare(c.rang[1], c.runs[1]), Held: NewShare(c.rang[0], c.runs[0])})
	}
	return out
}
