package people

import (
	"thiefbox/sim/dice"
)

// Names of a town. Given names are common ones; surnames and municipalities are put together from two
// parts, as places are named, and belong to nobody in particular.

var (
	womensNames = []string{"Anna", "Astrid", "Berit", "Birgit", "Camilla", "Dagny", "Eirin", "Elin", "Ellen", "Emma", "Eva", "Frida", "Gerd", "Grete",
		"Guro", "Hanne", "Hedda", "Heidi", "Helga", "Hilde", "Ida", "Inger", "Ingrid", "Jenny", "Johanne", "Kaja", "Karin", "Kristin", "Lena", "Lise", "Liv",
		"Maren", "Marit", "Mina", "Nina", "Nora", "Oda", "Ragnhild", "Randi", "Selma", "Signe", "Silje", "Siri", "Solveig", "Sunniva", "Thea", "Tiril", "Tone",
		"Tuva", "Unni", "Vilde", "Wenche", "Ylva", "Åse", "Aisha", "Amina", "Fatima", "Láilá", "Máret", "Zofia"}
	mensNames = []string{"Aksel", "Anders", "Arne", "Arve", "Birger", "Bjarne", "Bjørn", "Dag", "Eirik", "Eivind", "Emil", "Erling", "Espen", "Filip",
		"Finn", "Frode", "Geir", "Gunnar", "Halvor", "Harald", "Henrik", "Håkon", "Ivar", "Jakob", "Jan", "Jens", "Jonas", "Jørgen", "Kasper", "Kjell", "Knut",
		"Lars", "Leif", "Magnus", "Martin", "Mathias", "Nils", "Odd", "Oskar", "Otto", "Per", "Petter", "Ragnar", "Roar", "Rolf", "Sander", "Sigurd", "Sindre",
		"Steinar", "Svein", "Terje", "Tobias", "Tor", "Trygve", "Ulrik", "Vegard", "Ahmed", "Ante", "Máhtte", "Omar"}
	nameHeads = []string{"Alme", "Asp", "Berge", "Bjørke", "Brekke", "Dals", "Eike", "Elve", "Fager", "Fjell", "Foss", "Furu", "Gran", "Grøn", "Hasle", "Heste", "Hol",
		"Kirke", "Kvern", "Lauv", "Lind", "Lyng", "Løv", "Myr", "Nord", "Or", "Rogne", "Sand", "Selje", "Skog", "Solli", "Stein", "Sund", "Sæter", "Tinde", "Ulve", "Vest", "Vinter", "Øst", "Ås"}
	nameTails = []string{"bakken", "berg", "bø", "dal", "eng", "haug", "heim", "li", "lund", "moen", "nes", "rud", "stad", "sletten", "vik", "vold", "åker", "hagen", "myr", "tveit"}
	regions   = []string{"fjorddal", "vågøy", "heimsund", "skardnes", "utmark"}
	streets   = []string{"Storgata", "Skoleveien", "Kirkeveien", "Furulia", "Bjørkeveien", "Sjøgata", "Elveveien", "Solbakken", "Stasjonsveien", "Nedre vei", "Øvre vei", "Kvernveien"}
)

// surnames is how many surnames there are.
const surnames = 40 * 20

func surname(n int) string {
	return nameHeads[n%len(nameHeads)] + nameTails[n/len(nameHeads)%len(nameTails)]
}

// municipality is the name of the nth municipality. No municipality of the country is called so.
func municipality(n int) string {
	return nameHeads[n*7%len(nameHeads)] + regions[n%len(regions)]
}

func pick[T any](d *dice.Dice, from []T) T { return from[d.IntN(len(from))] }
