package people

// What people suffer from, and what is given against it. Chronic ailments and their treatment belong
// together, so that a record reads like one.

type ailment struct {
	icpc, icd string
	text      string
	from, to  int  // age in years
	lasting   bool // still active
	drug      drug
}

type drug struct{ atc, text, dose string }

var ailments = []ailment{
	{"K86", "I10", "Uncomplicated hypertension", 40, 110, true, drug{"C08CA01", "amlodipine 5 mg tablet", "1 tablet in the morning"}},
	{"T90", "E11.9", "Type 2 diabetes mellitus", 40, 110, true, drug{"A10BA02", "metformin 500 mg tablet", "1 tablet twice daily"}},
	{"R96", "J45.9", "Asthma", 4, 70, true, drug{"R03AC02", "salbutamol 0.1 mg inhalation", "1 inhalation as needed, at most 8 a day"}},
	{"P76", "F32.9", "Depressive episode", 16, 90, true, drug{"N06AB06", "sertraline 50 mg tablet", "1 tablet daily"}},
	{"N89", "G43.9", "Migraine", 14, 65, true, drug{"N02CC01", "sumatriptan 50 mg tablet", "1 tablet at onset"}},
	{"T93", "E78.5", "Lipid disorder", 40, 90, true, drug{"C10AA05", "atorvastatin 20 mg tablet", "1 tablet at night"}},
	{"L90", "M17.9", "Osteoarthritis of the knee", 55, 110, true, drug{"N02BE01", "paracetamol 1 g tablet", "1 tablet up to three times daily"}},
	{"R95", "J44.9", "Chronic obstructive pulmonary disease", 50, 100, true, drug{"R03BB04", "tiotropium 18 ug inhalation", "1 capsule inhaled daily"}},
	{"K78", "I48.9", "Atrial fibrillation", 55, 110, true, drug{"B01AF02", "apixaban 5 mg tablet", "1 tablet twice daily"}},
	{"T86", "E03.9", "Hypothyroidism", 25, 100, true, drug{"H03AA01", "levothyroxine 50 ug tablet", "1 tablet in the morning, fasting"}},
	{"D84", "K21.9", "Gastro-oesophageal reflux disease", 20, 95, true, drug{"A02BC05", "esomeprazole 20 mg tablet", "1 tablet daily"}},
	{"S87", "L20.9", "Atopic eczema", 0, 40, true, drug{"D07AC13", "mometasone 0.1 % cream", "thinly once daily for two weeks"}},
	{"R97", "J30.1", "Hay fever", 4, 60, true, drug{"R06AE07", "cetirizine 10 mg tablet", "1 tablet daily in the season"}},
	{"H71", "H66.9", "Acute otitis media", 0, 12, false, drug{"J01CE02", "phenoxymethylpenicillin 50 mg/ml mixture", "5 ml four times daily for 5 days"}},
	{"R76", "J03.9", "Acute tonsillitis", 2, 45, false, drug{"J01CE02", "phenoxymethylpenicillin 660 mg tablet", "1 tablet four times daily for 7 days"}},
	{"D12", "K59.0", "Constipation", 0, 100, false, drug{"A06AD65", "macrogol powder", "1 sachet daily"}},
	{"U71", "N30.9", "Cystitis", 18, 100, false, drug{"J01CA08", "pivmecillinam 200 mg tablet", "1 tablet three times daily for 3 days"}},
	{"B80", "D50.9", "Iron deficiency anaemia", 12, 95, false, drug{"B03AA07", "ferrous sulfate 100 mg tablet", "1 tablet daily"}},
	{"L03", "M54.5", "Low back pain", 16, 90, false, drug{"M01AE01", "ibuprofen 400 mg tablet", "1 tablet up to three times daily"}},
	{"P81", "F90.0", "Hyperkinetic disorder", 7, 40, true, drug{"N06BA04", "methylphenidate 18 mg tablet", "1 tablet in the morning"}},
	{"P70", "F03", "Dementia", 72, 110, true, drug{"N06DA02", "donepezil 5 mg tablet", "1 tablet at night"}},
	{"F93", "H40.9", "Glaucoma", 55, 110, true, drug{"S01EE01", "latanoprost 50 ug/ml eye drops", "1 drop in each eye at night"}},
}

type allergen struct {
	system, code, text string
	kind, category     string // FHIR AllergyIntolerance.type and category
	severe             bool
	sign               coding // of the reaction
}

// Signs of a reaction.
var (
	urticaria   = coding{System: sysSNOMED, Code: "126485001", Display: "Urticaria"}
	sneezing    = coding{System: sysSNOMED, Code: "76067001", Display: "Sneezing"}
	nausea      = coding{System: sysSNOMED, Code: "422587007", Display: "Nausea"}
	anaphylaxis = coding{System: sysSNOMED, Code: "39579001", Display: "Anaphylaxis"}
)

var allergens = []allergen{
	{sysATC, "J01CE02", "phenoxymethylpenicillin", "allergy", "medication", true, urticaria},
	{sysATC, "M01AE01", "ibuprofen", "intolerance", "medication", false, nausea},
	{sysATC, "N02AA59", "codeine, combinations", "intolerance", "medication", false, nausea},
	{sysSNOMED, "227493005", "cashew nuts", "allergy", "food", true, anaphylaxis},
	{sysSNOMED, "3718001", "cow's milk", "intolerance", "food", false, nausea},
	{sysSNOMED, "256277009", "grass pollen", "allergy", "environment", false, sneezing},
	{sysSNOMED, "260152009", "cat dander", "allergy", "environment", false, sneezing},
}

// A measurement is an observation of one number.
type measurement struct {
	loinc, text, unit, ucum string
	low, high               float64 // healthy range
	decimals                int
}

var (
	heartRate = measurement{"8867-4", "Heart rate", "beats/min", "/min", 55, 95, 0}
	weight    = measurement{"29463-7", "Body weight", "kg", "kg", 0, 0, 1} // by age, see chart.go
	systolic  = measurement{"8480-6", "Systolic blood pressure", "mmHg", "mm[Hg]", 105, 155, 0}
	diastolic = measurement{"8462-4", "Diastolic blood pressure", "mmHg", "mm[Hg]", 62, 94, 0}
)

var laboratory = []measurement{
	{"718-7", "Haemoglobin", "g/dL", "g/dL", 11.7, 17.0, 1},
	{"14682-9", "Creatinine in serum", "umol/L", "umol/L", 45, 105, 0},
	{"1988-5", "C-reactive protein", "mg/L", "mg/L", 0, 5, 0},
	{"59261-8", "Haemoglobin A1c", "mmol/mol", "mmol/mol", 28, 48, 0},
	{"2823-3", "Potassium in serum", "mmol/L", "mmol/L", 3.5, 5.0, 1},
	{"3016-3", "Thyrotropin in serum", "mU/L", "m[IU]/L", 0.4, 4.0, 2},
	{"2276-4", "Ferritin in serum", "ug/L", "ug/L", 15, 300, 0},
}
