package ecosystem

import "fmt"

// Source says where a number comes from.
type Source string

// Kinds of source. Literature names where to look; reference keys are those of the project's notes.
const (
	Measured Source = "measured on the wire"
	Assumed  Source = "assumed"
)

func literature(where string) Source { return Source("literature: " + where) }

// Param is one number of the model, with the range it may lie in.
type Param struct {
	Name      string  `json:"name"`
	Value     float64 `json:"value"`
	Unit      string  `json:"unit"`
	Low, High float64 `json:"-"`
	Source    Source  `json:"source"`
}

// Tier is a class of suppliers that are about equally fast.
type Tier struct {
	Name   string
	Share  float64 // of suppliers
	Median float64 // days from knowing to a release
	Spread float64 // standard deviation of the logarithm
	Never  float64 // fraction that never does
}

// Params are the numbers of the model.
type Params struct {
	Tiers      []Tier  `json:"tiers"`
	Zipf       float64 `json:"zipf"`        // exponent of supplier sizes
	Shock      float64 `json:"shock"`       // spread of what all suppliers have in common in a trial
	Rollout    float64 `json:"rollout"`     // median days from a release to a client that runs it
	RollSpread float64 `json:"roll_spread"` // standard deviation of its logarithm
	Notified   float64 `json:"notified"`    // how much faster a supplier is that was told
	Reach      float64 `json:"reach"`       // fraction of suppliers a notification reaches
	Mandate    float64 `json:"mandate"`     // how much faster suppliers are when refusal has a date
	Regress    float64 `json:"regress"`     // fraction of clients that fall back with a later release
	Again      float64 `json:"again"`       // median days from putting right to falling back
	API        float64 `json:"api"`         // median days until an API looks at what bound tokens say
	APISpread  float64 `json:"api_spread"`  // standard deviation of its logarithm
	APINever   float64 `json:"api_never"`   // fraction of APIs that never does
}

// Defaults are the numbers used unless somebody says otherwise.
func Defaults() Params {
	return Params{
		Tiers: []Tier{{"fast", 0.10, 5, 0.8, 0}, {"usual", 0.54, 14, 1.1, 0.01}, {"slow", 0.36, 45, 1.5, 0.05}},
		Zipf:  0.8, Shock: 0.35, Rollout: 2, RollSpread: 0.7, Notified: 1.5, Reach: 0.95, Mandate: 1.56, Regress: 0.05, Again: 60,
		API: 14, APISpread: 0.9, APINever: 0.01,
	}
}

// List names every number with its source and range, for the assumptions that go with each result.
func (p Params) List() []Param {
	heavy := literature("shape after OpenSSL 2002 (Rescorla), Heartbleed (Durumeric et al. 2014) and enterprise patching (Cyentia): heavy-tailed, never exponential; the medians of a closed national network are assumed")
	var out []Param
	for _, t := range p.Tiers {
		out = append(out,
			Param{t.Name + " tier: share of suppliers", t.Share, "", t.Share * 0.7, min(1, t.Share*1.3), Assumed},
			Param{t.Name + " tier: median time to a release", t.Median, "days", t.Median / 2, t.Median * 2, heavy},
			Param{t.Name + " tier: spread", t.Spread, "ln", t.Spread * 0.8, t.Spread * 1.2, heavy},
			Param{t.Name + " tier: never", t.Never, "", t.Never / 2, t.Never * 2, Assumed})
	}
	return append(out,
		Param{"supplier sizes: Zipf exponent", p.Zipf, "", 0.6, 1.1, Assumed},
		Param{"common shock: spread", p.Shock, "ln", 0.2, 0.6, Assumed},
		Param{"release to running client: median", p.Rollout, "days", 1, 7, Assumed},
		Param{"release to running client: spread", p.RollSpread, "ln", 0.5, 1, Assumed},
		Param{"notified suppliers are faster by", p.Notified, "times", 1.1, 2, literature("Heartbleed notification, about 1.5 (Durumeric et al. 2014); repeats do not help (Li et al. 2016)")},
		Param{"a notification reaches", p.Reach, "of suppliers", 0.6, 1, Assumed},
		Param{"mandate strength: a date makes suppliers faster by", p.Mandate, "times", 1, 2.6, literature("CISA KEV: federal bodies 56 % likelier to meet a date, critical ones 2.6 times faster; not measured for a closed network")},
		Param{"clients that fall back unless held", p.Regress, "", 0, 0.15, Assumed},
		Param{"time to falling back: median", p.Again, "days", 30, 120, Assumed},
		Param{"an API looks at bound tokens: median", p.API, "days", 5, 60, Assumed},
		Param{"an API looks at bound tokens: spread", p.APISpread, "ln", 0.6, 1.3, Assumed},
		Param{"an API never does", p.APINever, "", 0, 0.05, Assumed})
}

// Check refuses numbers that make no sense.
func (p Params) Check() error {
	share := 0.0
	for _, t := range p.Tiers {
		share += t.Share
		if t.Share < 0 || !(t.Median > 0) || t.Spread < 0 || t.Never < 0 || t.Never > 1 {
			return fmt.Errorf("tier %s: expected a share and a spread of 0 or more, a median above 0 and a never of 0 to 1", t.Name)
		}
	}
	if len(p.Tiers) == 0 || len(p.Tiers) > 16 || share < 0.999 || share > 1.001 {
		return fmt.Errorf("expected 1 to 16 tiers whose shares come to 1, got %d and %g", len(p.Tiers), share)
	}
	for name, v := range map[string]float64{"rollout": p.Rollout, "notified": p.Notified, "mandate": p.Mandate, "again": p.Again, "api": p.API} {
		if !(v > 0) {
			return fmt.Errorf("expected %s above 0, got %g", name, v)
		}
	}
	for name, v := range map[string]float64{"reach": p.Reach, "regress": p.Regress, "api never": p.APINever} {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("expected %s from 0 to 1, got %g", name, v)
		}
	}
	return nil
}
