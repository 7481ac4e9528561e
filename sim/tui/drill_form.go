package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"thiefbox/sim/drill"
)

// orderForm puts a decision together, word by word, shows whom it would break, and only then makes it.
type orderForm struct {
	screen  *drillScreen
	action  drill.Action
	want    []drill.Word
	words   []string
	typed   line
	list    list
	asked   bool // for a preview
	preview *drill.Preview
	err     error
}

func newOrderForm(d *drillScreen, act drill.Action, words []string) *orderForm {
	return &orderForm{screen: d, action: act, want: d.sight.Words(act), words: words, typed: line{most: longestWords}}
}

// longestWords is how much can be typed: an explanation in words.
const longestWords = 200

// none stands for a word that may be left out, and is.
const none = "none"

func (f *orderForm) line() string {
	return strings.Join(append([]string{f.action.ID}, f.words...), " ")
}

// next is the word that is chosen now; false when all are there.
func (f *orderForm) next() (drill.Word, bool) {
	if len(f.words) >= len(f.want) {
		return drill.Word{}, false
	}
	w := f.want[len(f.words)]
	if w.Name == "ANSWER" { // what can be said depends on the message
		w.Choices, w.Optional = f.screen.answersTo(f.words[len(f.words)-1]), false
		return w, len(w.Choices) > 0
	}
	return w, true
}

// choices are those that have what was typed in them, first those whose word begins with it.
func (f *orderForm) choices() (out []drill.Choice) {
	w, _ := f.next()
	if w.Name == "EVIDENCE" {
		for _, e := range f.screen.markedWords() {
			w.Choices = append(w.Choices, drill.Choice{Word: e, Text: "marked"})
		}
	}
	if w.Optional && w.Name != "EVIDENCE" {
		w.Choices = append([]drill.Choice{{Word: none, Text: "without"}}, w.Choices...)
	}
	for _, c := range w.Choices {
		if strings.Contains(strings.ToLower(c.Word+" "+c.Text), strings.ToLower(f.typed.String())) {
			out = append(out, c)
		}
	}
	begins := func(c drill.Choice) int { // what was typed may stand in another's text too
		if strings.HasPrefix(strings.ToLower(c.Word), strings.ToLower(f.typed.String())) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b drill.Choice) int { return begins(a) - begins(b) })
	return out
}

func (f *orderForm) key(a *app, msg tea.KeyMsg) tea.Cmd {
	w, more := f.next()
	switch msg.String() {
	case "esc":
		if len(f.words) == 0 || !more {
			a.over = nil
			return nil
		}
		f.words, f.typed, f.list = f.words[:len(f.words)-1], line{most: longestWords}, list{}
		return nil
	case "down", "tab":
		f.list.act(actDown, len(f.choices()), 8)
		return nil
	case "up", "shift+tab":
		f.list.act(actUp, len(f.choices()), 8)
		return nil
	case "enter":
		if !more {
			return f.carryOut(a)
		}
		f.take(w)
		return f.ask(a)
	}
	if more {
		f.typed.key(msg)
		f.list = list{}
	}
	return nil
}

// take takes what was chosen or typed. The evidence is what was marked, all at once.
func (f *orderForm) take(w drill.Word) {
	all, typed := f.choices(), strings.TrimSpace(f.typed.String())
	defer func() { f.typed, f.list = line{most: longestWords}, list{} }()
	switch {
	case w.Name == "EVIDENCE" && typed == "":
		if marked := f.screen.markedWords(); len(marked) > 0 {
			f.words = append(f.words, marked...)
			return
		}
		f.want = f.want[:len(f.words)]
	case w.Many && typed != "":
		f.words = append(f.words, strings.Fields(typed)...)
	case w.Free && typed != "" && (len(all) == 0 || all[0].Word != typed):
		f.words = append(f.words, typed)
	case f.list.cursor < len(all) && all[f.list.cursor].Word == none:
		f.want = f.want[:len(f.words)]
	case f.list.cursor < len(all):
		f.words = append(f.words, all[f.list.cursor].Word)
	}
}

// ask has the decision tried on a copy of the world, once it is whole.
func (f *orderForm) ask(a *app) tea.Cmd {
	if _, more := f.next(); more || f.asked {
		return nil
	}
	f.asked = true
	if f.action.Lead == 0 { // it changes nothing that could be tried
		return nil
	}
	ex, line := f.screen.ex, f.line()
	return func() tea.Msg {
		p, err := ex.Preview(line)
		return previewMsg{f, line, p, err}
	}
}

func (f *orderForm) previewed(msg previewMsg) {
	if msg.line == f.line() {
		f.preview, f.err = &msg.preview, msg.err
	}
}

func (f *orderForm) carryOut(a *app) tea.Cmd {
	if !f.asked {
		return f.ask(a)
	}
	a.over = nil
	if f.err != nil {
		a.note = f.err.Error()
		return nil
	}
	d, line := f.screen, f.line()
	if f.action.ID == "believe" || f.action.ID == "link" {
		d.marked = map[int]bool{}
	}
	if a.note = "decided: " + line; d.atDesk() {
		a.note = "sent: " + line
	}
	return d.do(a, func() error { return d.ex.Decide(line) })
}

func (f *orderForm) draw(a *app, w, h int) []string {
	inner := min(w-4, 90)
	width := inner - 4
	act := f.action
	if f.preview != nil { // how long some things take depends on what was said
		act.Lead = f.preview.Action.Lead
	}
	lines := append(wrap(act.Title+". It takes "+leadOf(act)+".", width), "")
	for i, typed := range wrap(f.line()+f.cursor(), width) {
		if i == 0 {
			typed = a.theme.strong.Render(typed)
		}
		lines = append(lines, typed)
	}
	lines = append(lines, "")
	if asked := f.asks(width); asked != nil {
		lines = append(append(lines, asked...), "")
	}
	if word, more := f.next(); more {
		lines = append(lines, wrap(f.question(word), width)...)
		all := f.choices()
		from, to := f.list.shown(len(all), 8)
		for i := from; i < to; i++ {
			mark := "   "
			if i == f.list.cursor {
				mark = " > "
			}
			row := cut(clean(mark+pad(all[i].Word, 16)+" "+all[i].Text), width)
			if i == f.list.cursor {
				row = a.theme.strong.Render(row)
			}
			lines = append(lines, row)
		}
		if at := f.list.cursor; at < len(all) && len(all[at].Text) > width-len("   ")-17 { // it was cut
			lines = append(append(lines, ""), wrap(all[at].Text, width)...)
		}
	} else {
		lines = append(lines, f.outlook(a.theme, width)...)
	}
	height := min(len(lines)+2, h)
	box := pane{title: "Decide: " + f.action.ID, lines: indent(" ", lines), focused: true}.draw(a.theme, inner, height)
	return append(blank((h-height)/2), indent(strings.Repeat(" ", (w-inner)/2), box)...)
}

// asks is the message that is answered, and what would be said to it.
func (f *orderForm) asks(w int) (lines []string) {
	if f.action.ID != "answer" || len(f.words) == 0 {
		return nil
	}
	for _, m := range f.screen.sight.Inbox {
		if m.ID == f.words[0] {
			lines = wrap(m.From+": "+m.Text, w)
		}
	}
	for _, c := range f.screen.answersTo(f.words[0]) {
		if len(f.words) > 1 && c.Word == f.words[1] {
			lines = append(lines, hang("  ", "You say: "+c.Text, w)...)
		}
	}
	return lines
}

func (f *orderForm) cursor() string {
	if _, more := f.next(); !more {
		return ""
	}
	return " " + f.typed.String() + "_"
}

func (f *orderForm) question(w drill.Word) string {
	switch {
	case w.Name == "EVIDENCE" && len(f.screen.markedWords()) == 0:
		return "Which lines of the logs show it? You marked none (x under Evidence does): type some, such as e12 e34, or enter to go on without."
	case w.Name == "EVIDENCE":
		return "Which lines of the logs show it? Enter takes those you marked."
	case w.Optional:
		return "How long an " + strings.ToLower(w.Name) + "? Type one, or choose."
	case w.Name == "ANSWER":
		return "What do you say? Up and down to choose."
	case w.Name == "DECISION":
		return "Which do you take back? Up and down to choose."
	case w.Name == "PERCENT":
		return "How likely is it? Choose a word, or type a percentage."
	case w.Name == "WORDS":
		return "What could it be, in your own words? Nothing is right or wrong here; it is kept and shown."
	}
	what := strings.ReplaceAll(w.Name, "|", " or ")
	if one, all := strings.CutPrefix(what, "all or "); all {
		what = one + ", or all"
	}
	if what = strings.ReplaceAll(strings.ToLower(what), "api", "API"); what == "hypothesis" {
		what = "explanation"
	} else if what == "inject" {
		what = "message"
	}
	return "Which " + what + "? Type to narrow, up and down to choose."
}

// outlook is whom it would break, before it is done.
func (f *orderForm) outlook(t theme, w int) (lines []string) {
	switch {
	case f.err != nil:
		return append(wrap(f.err.Error(), w), "", "esc goes back")
	case f.action.Lead > 0 && f.preview == nil:
		return []string{"Trying it on a copy of the world."}
	case f.preview != nil:
		lines = wrap(f.preview.String(), w)
		for _, who := range f.preview.Who {
			lines = append(lines, hang("  ", clean(who), w)...)
		}
	}
	if f.action.Stops != "" {
		lines = append(lines, wrap("Meant to stop: "+f.action.Stops+".", w)...)
	}
	if f.action.SideEffect != "" {
		lines = append(lines, wrap("Known side effects: "+f.action.SideEffect+".", w)...)
	}
	return append(lines, "", t.strong.Render("enter does it")+", esc does not")
}

func (f *orderForm) status() string {
	if _, more := f.next(); !more {
		return "enter does it; esc leaves it"
	}
	return "enter takes what is chosen; esc goes back"
}
