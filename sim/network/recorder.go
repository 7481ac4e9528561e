package network

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// recorder is the http.ResponseWriter of both wires. It keeps the rules of net/http's own; the one
// difference is that a long answer, too, has a Content-Length, unless it was flushed.
type recorder struct {
	head   bool // answer to HEAD: the body decides the header, and is not sent
	lent   bool // the handler leaves its header alone once the status is written
	header http.Header
	sent   delivered // what is sent of header, once the status is written
	status int
	body   []byte
	err    error // the header cannot be sent

	written   int64
	declared  int64 // Content-Length the handler promised, -1 if none
	typed     bool  // the handler decided about Content-Type, if only to have none
	dated     bool  // likewise about Date
	flushed   bool
	finished  bool
	sniffable int // bytes of the body that were there when the header went out
}

func (w *recorder) begin(head, lent bool) *recorder {
	w.head, w.lent, w.header, w.declared = head, lent, make(http.Header, 4), -1
	return w
}

// Header implements http.ResponseWriter. Changes after WriteHeader are not sent.
func (w *recorder) Header() http.Header {
	if w.header == nil {
		w.header = w.sent.header.Clone()
	}
	return w.header
}

// WriteHeader implements http.ResponseWriter. The first call counts, informational ones are swallowed.
func (w *recorder) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status)) // as net/http does
	}
	if w.status != 0 || status < 200 {
		return
	}
	w.status = status
	_, w.typed = w.header["Content-Type"]
	_, w.dated = w.header["Date"]
	if w.lent && asItIs(w.header, connectionHeader) {
		w.sent, w.header = delivered{header: w.header}, nil
	} else if w.sent, w.err = answeredHeader(w.header); w.err != nil {
		return
	}
	if values := w.sent.header["Content-Length"]; len(values) > 0 && values[0] != "" {
		length, err := strconv.ParseInt(values[0], 10, 64)
		if err != nil || length < 0 {
			delete(w.sent.header, "Content-Length")
		} else {
			w.declared = length
		}
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	if err := w.admit(len(p)); err != nil {
		return 0, err
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (w *recorder) WriteString(s string) (int, error) {
	if err := w.admit(len(s)); err != nil {
		return 0, err
	}
	w.body = append(w.body, s...)
	return len(s), nil
}

// Give is Write for who will neither change nor use p again.
func (w *recorder) Give(p []byte) (int, error) {
	if len(w.body) > 0 {
		return w.Write(p)
	}
	if err := w.admit(len(p)); err != nil {
		return 0, err
	}
	w.body = slices.Clip(p)
	return len(p), nil
}

// admit counts n more bytes of body, or says why they are not allowed.
func (w *recorder) admit(n int) error {
	if w.finished {
		return http.ErrHandlerTimeout
	}
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !bodyAllowed(w.status) {
		return http.ErrBodyNotAllowed
	}
	w.written += int64(n)
	if w.declared >= 0 && w.written > w.declared {
		return http.ErrContentLength
	}
	return nil
}

// Flush implements http.Flusher: the header goes out, without a length if none was declared.
func (w *recorder) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *recorder) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.flushed {
		w.flushed, w.sniffable = true, len(w.body)
	}
	return w.err
}

// finish completes the answer when the handler has returned.
func (w *recorder) finish(d *dates) error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	w.finished = true
	if w.err != nil {
		return w.err
	}
	if !w.flushed {
		w.sniffable = len(w.body)
	}
	w.describe()
	if !w.dated {
		w.sent.set("Date", d.now())
	}
	if w.declared >= 0 && !w.head && bodyAllowed(w.status) && int64(len(w.body)) < w.declared {
		return fmt.Errorf("the handler declared a Content-Length of %d and wrote %d bytes", w.declared, len(w.body))
	}
	if w.head {
		w.body = nil
	}
	return nil
}

// describe sets what the server says about the body of its own accord.
func (w *recorder) describe() {
	if !bodyAllowed(w.status) {
		delete(w.sent.header, "Content-Length")
		if w.status == http.StatusNotModified {
			delete(w.sent.header, "Content-Type") // RFC 9110 s15.4.5
		}
		return
	}
	if !w.typed && w.sent.header.Get("Content-Encoding") == "" && w.sniffable > 0 {
		w.sent.set("Content-Type", http.DetectContentType(w.body[:w.sniffable]))
	}
	if w.declared < 0 && !w.flushed && (!w.head || w.written > 0) {
		w.declared = w.written
		w.sent.set("Content-Length", strconv.FormatInt(w.written, 10))
	}
}

// length is the ContentLength of the response.
func (w *recorder) length() int64 {
	if !bodyAllowed(w.status) {
		return 0
	}
	return w.declared
}

// bodyAllowed: RFC 9110 s6.4.1.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
