package aar

import (
	"fmt"
	"slices"
	"strings"

	"thiefbox/sim/drill/page"
)

// over is how it went over time: the state after each change, and in the page two curves.
func (r Report) over() page.Section {
	s := page.Section{Title: "Over time", Notes: []string{"What share of the APIs he turned to let the thief in, and how many clinics were not served."},
		Head: []string{"From", "APIs that let him in", "Records gone by then", "Clients not served", "Clinics not served", "Cause gone"}, Chart: r.chart()}
	keys := slices.ContainsFunc(r.Curve, func(p CurvePoint) bool { return p.OldKey > 0 })
	if keys {
		s.Head = append(s.Head, "APIs that believe a replaced key")
	}
	for i, p := range r.Curve {
		if i > 0 {
			if b := r.Curve[i-1]; b.Success == p.Success && b.Clients == p.Clients && b.Cause == p.Cause && b.OldKey == p.OldKey {
				continue
			}
		}
		gone := "no"
		if p.Cause {
			gone = "yes"
		}
		row := []string{when(p.At), fmt.Sprintf("%.0f %%", 100*p.Success), fmt.Sprintf("%.0f", p.Records), fmt.Sprint(p.Clients), fmt.Sprint(p.Clinics), gone}
		if keys {
			row = append(row, fmt.Sprint(p.OldKey))
		}
		s.Rows = append(s.Rows, row)
	}
	if len(s.Rows) > mostMoments {
		s.Notes = append(s.Notes, fmt.Sprintf("The first %d of %d changes; the JSON has all.", mostMoments, len(s.Rows)))
		s.Rows = s.Rows[:mostMoments]
	}
	return s
}

// mostMoments of the table: while suppliers put things right there is a change for each client.
const mostMoments = 40

// chart draws records and clinics as steps, each to a scale of its own. It has no text of the drill's in it.
func (r Report) chart() string {
	if len(r.Curve) < 2 {
		return ""
	}
	const w, h, left = 720.0, 160.0, 4.0
	last, records, clinics := r.Curve[len(r.Curve)-1].Minutes, 1.0, 1.0
	for _, p := range r.Curve {
		records, clinics = max(records, p.Records), max(clinics, float64(p.Clinics))
	}
	line := func(colour, dash string, value func(CurvePoint) float64) string {
		var b strings.Builder
		before := 0.0
		for _, p := range r.Curve {
			x := left + (w-2*left)*p.Minutes/max(last, 1)
			fmt.Fprintf(&b, "%.1f,%.1f %.1f,%.1f ", x, h-4-(h-8)*before, x, h-4-(h-8)*value(p))
			before = value(p)
		}
		return fmt.Sprintf("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" points=\"%s\"/>", colour, dash, strings.TrimSpace(b.String()))
	}
	return fmt.Sprintf("<figure><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"records gone and clinics not served over time\"><rect width=\"100%%\" height=\"100%%\" fill=\"none\" stroke=\"#999\"/>", w, h) +
		line("#c0392b", "", func(p CurvePoint) float64 { return p.Records / records }) +
		line("#2471a3", "6 4", func(p CurvePoint) float64 { return float64(p.Clinics) / clinics }) +
		fmt.Sprintf("</svg><figcaption>Records gone (solid, up to %.0f) and clinics not served (dashed, up to %.0f), from the start to %.1f hours.</figcaption></figure>\n", records, clinics, last/60)
}
