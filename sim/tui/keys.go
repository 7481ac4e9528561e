package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// action is what a key means. Screens deal in actions and never compare keys.
type action int

// The actions.
const (
	actHelp action = iota + 1
	actPalette
	actFilter
	actBack
	actPane
	actPaneBack
	actCopy
	actCurl
	actTwin
	actTheme
	actMouse
	actJump // to a screen: see places
	actQuit

	actUp
	actDown
	actLeft
	actRight
	actPageUp
	actPageDown
	actTop
	actBottom

	actEnter
	actExplain
	actProfile
	actCompare
	actWhatIf
	actPlay
	actForward
	actBackward
	actNextDecision
	actLastDecision
	actRaw
	actNextChoice
	actLastChoice
	actAdd
	actRemove
	actSurprises
	actAgain
	actAblate
	actFold
	actChanged

	actNextEvent
	actTurn
	actMark
	actBelieve
	actReply
	actScore
	actHint
	actFollow
	actLink
	actInject
	actExport
)

// binding is one row of the key table.
type binding struct {
	key.Binding
	act action
	to  place  // actJump: where to
	say string // what the palette calls it; empty: not in the palette
}

// bind makes a row. show is how help and footer write the keys, do what they say it does.
func bind(act action, keys []string, show, do, say string) binding {
	return binding{Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(show, do)), act: act, say: say}
}

func keysOf(names ...string) []string { return names }

// everywhere are the keys that mean the same on every screen.
var everywhere = append([]binding{
	bind(actHelp, keysOf("?"), "?", "help", "help"),
	bind(actPalette, keysOf(":", "ctrl+p"), ":", "palette", ""),
	bind(actBack, keysOf("esc"), "esc", "back", ""),
	bind(actTwin, keysOf("o"), "o", "command", "copy the command that prints this screen"),
	bind(actTheme, keysOf("t"), "t", "theme", "next theme: auto, light, dark, mono"),
	bind(actMouse, keysOf("m"), "m", "mouse", "mouse on or off (off: your terminal selects text)"),
	bind(actQuit, keysOf("q", "ctrl+c"), "q", "quit", "quit"),
}, jumps()...)

// digits is how many places have one; the others are found at home and in the palette.
const digits = 10

func jumps() []binding {
	var out []binding
	for i, p := range places[:digits] {
		digit := itoa((i + 1) % 10)
		b := bind(actJump, keysOf(digit), digit, "go to "+p.name, "go to "+p.name)
		b.to = p.place
		out = append(out, b)
	}
	return out
}

// Bindings that several screens share.
var (
	filterKey  = bind(actFilter, keysOf("/"), "/", "filter", "filter this list")
	paneKey    = bind(actPane, keysOf("tab"), "tab", "pane", "next pane; shift+tab the previous one")
	paneBack   = bind(actPaneBack, keysOf("shift+tab"), "shift+tab", "previous pane", "")
	copyKey    = bind(actCopy, keysOf("y"), "y", "copy", "copy what is selected")
	curlKey    = bind(actCurl, keysOf("Y"), "Y", "copy the request as curl", "copy the request as curl")
	explainKey = bind(actExplain, keysOf("e"), "e", "explain", "explain what is selected")
	upDown     = []binding{
		bind(actDown, keysOf("j", "down"), "j/k", "move", ""),
		bind(actUp, keysOf("k", "up"), "k", "up", ""),
	}
	pages = []binding{
		bind(actPageDown, keysOf("pgdown", "ctrl+d"), "pgdn/pgup", "page", ""),
		bind(actPageUp, keysOf("pgup", "ctrl+u"), "pgup", "page up", ""),
		bind(actTop, keysOf("home", "g"), "g/G", "top and bottom", ""),
		bind(actBottom, keysOf("end", "G"), "G", "bottom", ""),
	}
	playing = []binding{
		bind(actPlay, keysOf(" "), "space", "play/pause", "play or pause"),
		bind(actForward, keysOf("l", "right", "j", "down"), "h/l", "step", ""),
		bind(actBackward, keysOf("h", "left", "k", "up"), "h", "step back", ""),
		bind(actNextDecision, keysOf("L"), "H/L", "decision", "next decision"),
		bind(actLastDecision, keysOf("H"), "H", "previous decision", "previous decision"),
		bind(actTop, keysOf("home", "g"), "g/G", "start and end", "to the start of the run"),
		bind(actBottom, keysOf("end", "G"), "G", "end", "to the end of the run"),
	}
)

// local is the key table: for every place, its keys in the order of the footer.
var local = map[place][]binding{
	placeHome: rows(
		bind(actEnter, keysOf("enter"), "enter", "run", "run what is selected"), upDown,
		bind(actCompare, keysOf("c"), "c", "compare", "compare profiles"),
		bind(actProfile, keysOf("p"), "p", "profile", "next profile for runs"),
		filterKey, explainKey, copyKey,
		bind(actNextChoice, keysOf("]"), "[ ]", "country", "whose obligations apply in a drill: the next country"),
		bind(actLastChoice, keysOf("["), "[", "previous country", ""), pages),
	placeRun: rows(playing,
		bind(actEnter, keysOf("enter"), "enter", "inspect", "inspect this message"),
		bind(actCompare, keysOf("c"), "c", "compare", "compare profiles"),
		bind(actWhatIf, keysOf("x"), "x", "what-if", "what if the decisive check were off"),
		bind(actProfile, keysOf("p"), "p", "profile", "the same under the next profile"),
		explainKey, bind(actRaw, keysOf("v"), "v", "all", "show or hide metadata, keys and introspection"), paneKey, paneBack, copyKey, curlKey),
	placeInspect: rows(upDown, paneKey, paneBack,
		bind(actWhatIf, keysOf("x"), "x", "what-if", "what if the decisive check were off"),
		bind(actRaw, keysOf("v"), "v", "raw", "raw or decoded"),
		bind(actNextDecision, keysOf("L", "l", "right"), "H/L", "decision", "next decision"),
		bind(actLastDecision, keysOf("H", "h", "left"), "H", "previous decision", "previous decision"),
		filterKey, copyKey, curlKey, explainKey,
		bind(actEnter, keysOf("enter"), "enter", "open the what-if run", ""), pages),
	placeMatrix: rows(
		bind(actDown, keysOf("j", "down"), "hjkl", "move", ""), upDown[1],
		bind(actLeft, keysOf("h", "left"), "h", "left", ""),
		bind(actRight, keysOf("l", "right"), "l", "right", ""),
		bind(actEnter, keysOf("enter"), "enter", "open run", "open the run of this cell"), filterKey,
		bind(actSurprises, keysOf("f"), "f", "surprises", "only surprises"),
		bind(actFold, keysOf("z"), "z", "families", "fold the attacks into families, or unfold them"),
		bind(actNextChoice, keysOf("]"), "[ ]", "family", "next family of attacks"),
		bind(actLastChoice, keysOf("["), "[", "previous family", ""),
		bind(actChanged, keysOf("d"), "d", "differs", "only what differs from the profile to the left"),
		bind(actAblate, keysOf("b"), "b", "ablate", "take controls away from this cell"),
		bind(actAgain, keysOf("r"), "r", "rerun", "run the matrix again"),
		bind(actCompare, keysOf("c"), "c", "compare", "compare profiles"), explainKey, copyKey, pages),
	placeCompare: rows(playing,
		bind(actEnter, keysOf("enter"), "enter", "open run", "open the run of this column"),
		bind(actNextChoice, keysOf("]"), "[ ]", "profile", "another profile in this column"),
		bind(actLastChoice, keysOf("["), "[", "previous profile", ""),
		bind(actPane, keysOf("tab"), "tab", "column", "next column; shift+tab the previous one"), paneBack,
		bind(actAdd, keysOf("+"), "+", "add a column", "add a profile to the comparison"),
		bind(actRemove, keysOf("-"), "-", "remove the column", "remove a profile from the comparison"),
		explainKey, copyKey, curlKey),
	placeHistory: rows(
		bind(actEnter, keysOf("enter"), "enter", "replay", "replay this run"), upDown, filterKey,
		bind(actAgain, keysOf("r"), "r", "reload", "reload the history"), copyKey, pages),
	placeAblate: rows(
		bind(actPlay, keysOf(" ", "x"), "space", "switch", "switch this control over"), upDown,
		bind(actEnter, keysOf("enter"), "enter", "watch", "watch the attack with these controls off"),
		bind(actNextChoice, keysOf("]"), "[ ]", "attack", "next attack"),
		bind(actLastChoice, keysOf("["), "[", "previous attack", ""),
		bind(actProfile, keysOf("p"), "p", "profile", "the same under the next profile"),
		bind(actAgain, keysOf("r"), "r", "reset", "as the profile has them"), explainKey, pages),
	placeRisk: rows(bind(actDown, keysOf("j", "down"), "j/k", "scroll", ""), upDown[1],
		bind(actWhatIf, keysOf("b"), "b", "before", "another profile before"),
		bind(actProfile, keysOf("p"), "p", "after", "another profile after"),
		bind(actPane, keysOf("tab"), "tab", "weights", "how common each way is, or the report; shift+tab back"), paneBack,
		bind(actForward, keysOf("l", "right"), "h/l", "change", "another weight for the family that is selected"),
		bind(actBackward, keysOf("h", "left"), "h", "less", ""),
		bind(actEnter, keysOf("enter"), "enter", "set", "read weights from a file, or keep them in one"),
		bind(actAgain, keysOf("r"), "r", "again", "compute it again"), copyKey, pages),
	placeClauses: rows(upDown, filterKey,
		bind(actEnter, keysOf("enter"), "enter", "watch", "watch an attack that shows it"), copyKey, pages),
	placeRollout: rows(upDown,
		bind(actNextChoice, keysOf("]"), "[ ]", "date", "a later date for your own policy; [ an earlier one"),
		bind(actLastChoice, keysOf("["), "[", "earlier", ""),
		bind(actMark, keysOf("x"), "x", "notify", "tell suppliers, or do not, in your own policy"),
		bind(actForward, keysOf("l", "right"), "h/l", "change", "change what is selected among what you set"),
		bind(actBackward, keysOf("h", "left"), "h", "less", ""),
		bind(actEnter, keysOf("enter"), "enter", "set", ""),
		bind(actPane, keysOf("tab"), "tab", "side", "what it rests on, what you set, what moves it, exposure against breakage, how to read it; shift+tab back"), paneBack,
		bind(actExplain, keysOf("e"), "e", "sources", "every number with its range and source"),
		bind(actAgain, keysOf("r"), "r", "again", "play it again"), copyKey, pages),
	placeDrill: rows(
		bind(actPlay, keysOf(" "), "space", "clock", "start or stop the clock"),
		bind(actNextEvent, keysOf("n"), "n", "next", "let time pass until something happens"), paneKey, paneBack,
		bind(actEnter, keysOf("enter"), "enter", "act", "act on what is selected"),
		bind(actBelieve, keysOf("b"), "b", "believe", "say how likely an explanation is: in percent, likely, confirmed, refuted"),
		bind(actAdd, keysOf("a"), "a", "own words", "add an explanation of your own, in words"),
		bind(actLink, keysOf("l"), "l", "link", "link the marked lines, or the selected one, to an explanation"),
		bind(actScore, keysOf("$"), "$", "score", "every term of the score"), filterKey, explainKey,
		bind(actNextChoice, keysOf("]"), "[ ]", "speed", "let the clock run faster; [ slower"),
		bind(actLastChoice, keysOf("["), "[", "slower", ""),
		bind(actTurn, keysOf("w"), "w", "turn", "let a turn pass"),
		bind(actMark, keysOf("x"), "x", "mark", "mark a line of the logs as evidence; under Actions, take back what waits or is under way"),
		bind(actReply, keysOf("r"), "r", "reply", "answer a message"),
		bind(actInject, keysOf("i"), "i", "inject", "have a message arrive now (for a facilitator)"), upDown, copyKey, pages),
	placeTraffic: rows(
		bind(actEnter, keysOf("enter"), "enter", "open", "open this request, with every check"), upDown,
		bind(actPane, keysOf("tab", "shift+tab"), "tab", "paste/requests", "what to paste, or the requests"), filterKey,
		bind(actFollow, keysOf("f"), "f", "follow", "follow what comes in, or stand still"),
		bind(actCurl, keysOf("Y"), "Y", "curl", "copy the request as curl"),
		bind(actExport, keysOf("x"), "x", "HAR", "export the traffic as HAR, without secrets"), copyKey, pages),
	placeLessons: rows(
		bind(actEnter, keysOf("enter"), "enter", "take", "take this lesson"), upDown,
		bind(actExplain, keysOf("e"), "e", "trainer", "the trainer's page"),
		bind(actAgain, keysOf("r"), "r", "reset", "begin this lesson anew"), copyKey, pages),
	placeLesson: rows(
		bind(actEnter, keysOf("enter"), "enter", "go on", "go on"), upDown,
		bind(actHint, keysOf("i"), "i", "hint", "a hint, and then another"),
		bind(actTurn, keysOf("w"), "w", "watch", "watch the run, message by message"),
		bind(actAgain, keysOf("r"), "r", "reset", "begin this lesson anew"), pages),
	placeLogs: rows(bind(actDown, keysOf("j", "down"), "j/k", "scroll", ""), upDown[1], filterKey,
		bind(actAgain, keysOf("r"), "r", "reload", "reload the log"), copyKey, pages),
}

// rows flattens bindings and lists of bindings.
func rows(parts ...any) []binding {
	var out []binding
	for _, p := range parts {
		switch p := p.(type) {
		case binding:
			out = append(out, p)
		case []binding:
			out = append(out, p...)
		}
	}
	return out
}

// bindingsAt are all keys that work at a place: its own first.
// deskKeys are those of placeDrill at the desk of a facilitator, who decides nothing, in words of their own.
var deskKeys = rows(
	bind(actPlay, keysOf(" "), "space", "hold", "hold the players' clock, or let it go on"),
	bind(actTurn, keysOf("w"), "w", "turn", "let a turn pass at the players'"),
	bind(actInject, keysOf("i"), "i", "send", "have a message arrive at the players' now"), paneKey, paneBack,
	bind(actScore, keysOf("$"), "$", "score", "every term of the score"), filterKey, explainKey,
	bind(actMark, keysOf("x"), "x", "mark", "mark a line of the logs"), upDown, copyKey, pages)

// localAt are the keys of a place as they are now: at the desk of a drill there are others, and only a facilitator
// has messages arrive.
func (a *app) localAt(p place) []binding {
	if p != placeDrill || a.drill == nil {
		return local[p]
	}
	if a.drill.atDesk() {
		return deskKeys
	}
	return slices.DeleteFunc(slices.Clone(local[p]), func(b binding) bool { return b.act == actInject && !a.drill.facil })
}

func bindingsAt(p place) []binding { return slices.Concat(local[p], everywhere) }

// meaning finds what a key does at a place.
func meaning(p place, msg tea.KeyMsg) (binding, bool) {
	for _, b := range bindingsAt(p) {
		if matches(msg, b) {
			return b, true
		}
	}
	return binding{}, false
}

// matches tells whether a key is one of the binding's.
func matches(msg tea.KeyMsg, b binding) bool { return key.Matches(msg, b.Binding) }
