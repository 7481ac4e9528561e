package drill

// countryNames are those of the codes in obligations.yaml.
var countryNames = map[string]string{"NO": "Norway", "SE": "Sweden", "DK": "Denmark", "FI": "Finland", "UK": "the United Kingdom", "EU": "the EU, where no country is named"}

// CountryName is a country in words; the code itself where it has none here.
func CountryName(code string) string {
	if name := countryNames[code]; name != "" {
		return name
	}
	return code
}
