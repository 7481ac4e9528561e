package serve

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SuiteVariant is a choice among the variants of the suite's plans, in the suite's own words. What is left
// out is the first of each.
type SuiteVariant map[string]string

// suiteVariants are the choices that the server has.
var suiteVariants = map[string][]string{
	"client_auth_type": {"private_key_jwt", "mtls"},
	"sender_constrain": {"dpop", "mtls"},
	"fapi_profile":     {"plain_fapi", "fapi_client_credentials_grant"},
	"openid":           {"openid_connect", "plain_oauth"},
	// What follows makes no difference, so that a whole variant can be pasted: the profile decides what is
	// signed.
	"fapi_request_method":        {"unsigned", "signed_non_repudiation"},
	"fapi_response_mode":         {"plain_response", "jarm"},
	"authorization_request_type": {"simple"},
}

// SuiteVariants lists every choice as NAME=VALUE.
func SuiteVariants() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(suiteVariants)) {
		for _, value := range suiteVariants[name] {
			all = append(all, name+"="+value)
		}
	}
	return all
}

func (v SuiteVariant) check() error {
	for name, value := range v {
		if !slices.Contains(suiteVariants[name], value) {
			return fmt.Errorf("serve: expected a variant among %s, got %s=%s", strings.Join(SuiteVariants(), ", "), name, value)
		}
	}
	return nil
}

// certificates tells whether the suite needs client certificates.
func (v SuiteVariant) certificates() bool {
	return v["client_auth_type"] == "mtls" || v["sender_constrain"] == "mtls"
}

// clients are the two that fit. One registration has one way to authenticate, and where tokens are to be
// bound by proofs, a certificate alone must not do.
func (v SuiteVariant) clients() [2]string {
	switch {
	case v["client_auth_type"] != "mtls":
		return [2]string{"oidf-1", "oidf-2"}
	case v["sender_constrain"] == "mtls":
		return [2]string{"oidf-mtls-1", "oidf-mtls-2"}
	}
	return [2]string{"oidf-mtls-dpop-1", "oidf-mtls-dpop-2"}
}

// pages tells whether somebody signs in.
func (v SuiteVariant) pages() bool { return v["fapi_profile"] != "fapi_client_credentials_grant" }

// scope is what the clients ask for.
func (v SuiteVariant) scope() string {
	switch {
	case !v.pages():
		return "system/*.rs"
	case v["openid"] == "plain_oauth":
		return "offline_access user/*.rs"
	}
	return "openid offline_access user/*.rs"
}
