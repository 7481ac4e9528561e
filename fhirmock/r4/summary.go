package r4

// Required tells whether an element of a resource, named as in JSON, must be there.
func Required(resourceType, name string) bool {
	p, ok := propertyOf(resourceType, name)
	return ok && p.element.min > 0
}

// InSummary tells whether an element stands in the summary of its resource (isSummary of its definition).
func InSummary(resourceType, name string) bool {
	p, ok := propertyOf(resourceType, name)
	return ok && p.element.summary
}

// ChoiceOf is the name of the element that a member stands for: "value" for "valueQuantity".
func ChoiceOf(resourceType, name string) string {
	if p, ok := propertyOf(resourceType, name); ok {
		return p.element.name
	}
	return name
}

func propertyOf(resourceType, name string) (property, bool) {
	s := definitions().lookup(resourceType)
	if s == nil {
		return property{}, false
	}
	p, ok := s.byName[name]
	return p, ok
}
