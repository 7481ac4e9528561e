package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// pageOfPatients is how many patients a supplier asks for at a time.
const pageOfPatients = "10"

// List gets a token in the supplier's name and goes through its patients a page at a time, by the links to further pages
// that the API gives (FHIR R4 http, "Paging"). It returns how many there were. A link that leads away from the API is an
// error: the token would go there.
func (s *Supplier) List(ctx context.Context) (int, error) {
	t, err := s.protocol.clientCredentials(ctx, s.reg, SystemScope, s.fhirBase)
	if err != nil {
		return 0, fmt.Errorf("list: %w", err)
	}
	n := 0
	for address := s.fhirBase + "/Patient?_count=" + pageOfPatients; address != ""; {
		if !strings.HasPrefix(address, s.fhirBase+"/") {
			return n, fmt.Errorf("list: expected a further page at %s, got a link to %s", s.fhirBase, address)
		}
		body, err := s.protocol.read(ctx, t, address)
		if err != nil {
			return n, fmt.Errorf("list: %w", err)
		}
		var page struct {
			Link  []struct{ Relation, URL string }
			Entry []json.RawMessage
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return n, fmt.Errorf("list: expected a Bundle: %w", err)
		}
		n, address = n+len(page.Entry), ""
		for _, l := range page.Link {
			if l.Relation == "next" {
				address = l.URL
			}
		}
	}
	return n, nil
}
