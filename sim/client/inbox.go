package client

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// InboxScope is what an inbox asks for: to be notified of results, and what it is notified of.
const InboxScope = "system/Observation.rs system/Subscription.cruds"

// InboxConfig is a supplier's, and where results are to be sent.
type InboxConfig struct {
	SupplierConfig
	// Endpoint is its own URL, and Password what whoever sends there has to know.
	Endpoint, Password string
}

// Inbox is a system without people that is sent results instead of asking for them. It is the handler at its endpoint.
type Inbox struct {
	*Supplier
	endpoint, password string

	mu   sync.Mutex
	came []string // names of records
}

// NewInbox returns one. The error says which field of the configuration is wrong.
func NewInbox(c InboxConfig) (*Inbox, error) {
	s, err := NewSupplier(c.SupplierConfig)
	if err != nil {
		return nil, err
	}
	return &Inbox{Supplier: s, endpoint: c.Endpoint, password: c.Password}, nil
}

// Subscribe gets a token in the inbox's name and asks to be sent every result that it may see.
func (i *Inbox) Subscribe(ctx context.Context) error {
	type m = map[string]any
	body, err := json.Marshal(m{
		"resourceType": "Subscription", "status": "requested", "reason": "results for the clinic", "criteria": "Observation?",
		"channel": m{"type": "rest-hook", "endpoint": i.endpoint, "payload": wantsFHIR[0], "header": []string{"Authorization: Bearer " + i.password}},
	})
	if err != nil {
		return err
	}
	if body, err = i.send(ctx, http.MethodPost, i.fhirBase+"/Subscription", InboxScope, wantsFHIR[0], body); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	var stored struct{ Status string }
	if err := json.Unmarshal(body, &stored); err != nil || stored.Status != "active" {
		return fmt.Errorf("subscribe: expected a subscription that is active, got %q", stored.Status)
	}
	return nil
}

// ServeHTTP takes a record from whoever knows the password.
func (i *Inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+i.password)) != 1 {
		http.Error(w, "expected the password of this inbox", http.StatusUnauthorized)
		return
	}
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxReply)); err != nil {
		http.Error(w, "expected a record, got "+err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	parts := strings.Split(r.URL.Path, "/")
	i.mu.Lock()
	i.came = append(i.came, strings.Join(parts[max(0, len(parts)-2):], "/"))
	i.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

// Has tells whether a record was sent.
func (i *Inbox) Has(name string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, came := range i.came {
		if came == name {
			return true
		}
	}
	return false
}
