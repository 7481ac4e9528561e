package people

// Encounters and the documents written at them.

type encounterResource struct {
	head
	Identifier      []identifier  `json:"identifier"`
	Status          string        `json:"status"`
	Class           coding        `json:"class"`
	Subject         reference     `json:"subject"`
	Participant     []participant `json:"participant"`
	Period          period        `json:"period"`
	ReasonCode      []concept     `json:"reasonCode"`
	ServiceProvider reference     `json:"serviceProvider"`
}

type participant struct {
	Individual reference `json:"individual"`
}

func (r *encounterResource) summary() string {
	return "Contact on " + r.Period.Start[:10] + ": " + r.ReasonCode[0].Text
}

type documentResource struct {
	head
	Identifier []identifier     `json:"identifier"`
	Status     string           `json:"status"`
	DocStatus  string           `json:"docStatus"`
	Type       concept          `json:"type"`
	Category   []concept        `json:"category"`
	Subject    reference        `json:"subject"`
	Date       string           `json:"date"`
	Author     []reference      `json:"author"`
	Custodian  reference        `json:"custodian"`
	Content    []documentPart   `json:"content"`
	Context    *documentContext `json:"context,omitempty"`
}

type documentPart struct {
	Attachment attachment `json:"attachment"`
}

type attachment struct {
	ContentType string `json:"contentType"`
	Language    string `json:"language"`
	Data        string `json:"data,omitempty"` // base64
	URL         string `json:"url,omitempty"`
	Title       string `json:"title"`
	Creation    string `json:"creation"`
}

type documentContext struct {
	Encounter []reference `json:"encounter"`
}

func (r *documentResource) summary() string { return r.Content[0].Attachment.Title }
