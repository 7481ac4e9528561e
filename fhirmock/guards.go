package fhirmock

import (
	"net/http"
	"slices"

	"thiefbox/fhirmock/interact"
	"thiefbox/sim/control"
)

// The policy of this API on one screen. A request meets the lists in this order; within a list, in the
// order of the catalogue.
//
// The three one-time checks come after the record guards, last of all: who is refused, for whatever
// reason, has used nothing up, and a memory holds only proofs of requests that were about to be served.

// tokenGuards judge the access token.
var tokenGuards = []control.Guard[visit]{
	{Control: control.RSTokenInHeader, Check: checkTokenInHeader, Answer: badRequest},
	{Control: control.RSOneCredential, Check: checkOneCredential, Answer: badRequest},
	{Control: control.RSTokenAlg, Check: checkTokenAlg, Answer: badToken},
	{Control: control.RSTokenSignature, Check: checkTokenSignature, Answer: badToken},
	{Control: control.RSTokenType, Check: checkTokenType, Answer: badToken},
	{Control: control.RSTokenIssuer, Check: checkTokenIssuer, Answer: badToken},
	{Control: control.RSTokenAudience, Check: checkTokenAudience, Answer: badToken},
	{Control: control.RSTokenExpiry, Check: checkTokenExpiry, Answer: badToken},
	{Control: control.RSTokenNotBefore, Check: checkTokenNotBefore, Answer: badToken},
	{Control: control.RSAnswerSignature, Check: ofAnswer(checkAnswerSignature), Answer: badToken},
	{Control: control.RSAnswerAudience, Check: ofAnswer(checkAnswerAudience), Answer: badToken},
	{Control: control.RSAnswerToken, Check: ofAnswer(checkAnswerToken), Answer: badToken},
	{Control: control.RSAnswerFresh, Check: ofAnswer(checkAnswerFresh), Answer: badToken},
	{Control: control.RSStandingKnown, Check: checkStandingKnown, Answer: badToken},
	{Control: control.RSTokenRevoked, Check: checkTokenRevoked, Answer: badToken},
	{Control: control.RSSenderBound, Check: checkSenderBound, Answer: badToken},
}

// overrideGuards, in override.go, judge what method a header asks for.

// schemeGuards judge how the token came, and by way of whom.
var schemeGuards = []control.Guard[visit]{
	{Control: control.RSForwardedHost, Check: checkForwardedHost, Answer: badHost},
	{Control: control.RSDPoPScheme, Check: checkScheme, Answer: badToken},
}

// certificateGuards judge the client certificate. They stand before requests with a token that is bound
// to one, whatever its scheme, and before no others.
var certificateGuards = []control.Guard[visit]{
	{Control: control.RSMTLSHeader, Check: checkCertificateSource, Answer: badToken},
	{Control: control.RSMTLSCertificate, Check: checkCertificateThere, Answer: badToken},
	{Control: control.RSMTLSBinding, Check: checkCertificateBinding, Answer: badToken},
}

// proofGuards judge the DPoP proof. They stand before requests under the DPoP scheme and no others: a
// server that routes by scheme never looks for a proof under Bearer, which is why checkScheme matters.
// If there is no proof, that is checkOneProof's business; the others have nothing to look at then.
var proofGuards = []control.Guard[visit]{
	{Control: control.RSDPoPOneProof, Check: checkOneProof, Answer: badProof},
	{Control: control.RSDPoPClaims, Check: ofProof(checkProofClaims), Answer: badProof},
	{Control: control.RSDPoPTyp, Check: ofProof(checkProofTyp), Answer: badProof},
	{Control: control.RSDPoPAlg, Check: ofProof(checkProofAlg), Answer: badProof},
	{Control: control.RSDPoPPrivateKey, Check: ofProof(checkProofPrivateKey), Answer: badProof},
	{Control: control.RSDPoPSignature, Check: ofProof(checkProofSignature), Answer: badProof},
	{Control: control.RSDPoPBinding, Check: ofProof(checkProofBinding), Answer: badToken},
	{Control: control.RSDPoPHTM, Check: ofProof(checkProofMethod), Answer: badProof},
	{Control: control.RSDPoPHTU, Check: ofProof(checkProofURL), Answer: badProof},
	{Control: control.RSDPoPAth, Check: ofProof(checkProofToken), Answer: badProof},
	{Control: control.RSDPoPIat, Check: ofProof(checkProofTime), Answer: badProof},
	{Control: control.RSDPoPNonce, Check: ofProof(checkProofNonce), Answer: wantNonce},
}

// recordGuards judge whether a patient's record may be opened, by the way on which it would leave or be
// changed: one question, asked at every door. All are asked by door.go.
var recordGuards = [manyWays][]control.Guard[visit]{
	reading:      entitledBy(control.RSEntitlementRead),
	olding:       entitledBy(control.RSEntitlementHistory),
	unwrapping:   entitledBy(control.RSEntitlementBinary),
	finding:      entitledBy(control.RSEntitlementFind),
	paging:       entitledBy(control.RSEntitlementPage),
	counting:     entitledBy(control.RSEntitlementCount),
	including:    entitledBy(control.RSEntitlementInclude),
	revIncluding: entitledBy(control.RSEntitlementRevInclude),
	chaining:     entitledBy(control.RSEntitlementChain),
	gathering:    entitledBy(control.RSEntitlementEverything),
	exporting:    entitledBy(control.RSEntitlementExport),
	referring:    entitledBy(control.RSEntitlementReference),
	conditioning: entitledBy(control.RSEntitlementCondition),
	graphing:     entitledBy(control.RSEntitlementGraph),
	notifying:    entitledBy(control.RSEntitlementNotify),
	writing:      entitledBy(control.RSEntitlementWrite),
}

func entitledBy(c *control.Control) []control.Guard[visit] {
	return []control.Guard[visit]{{Control: c, Check: checkEntitlement, Answer: noSuchRecord}}
}

// exportGuards judge who asks about an export, or for a file of it.
var exportGuards = []control.Guard[visit]{
	{Control: control.RSExportOwner, Check: checkExportOwner, Answer: noSuchRecord},
}

// pageGuards judge who goes on by a link to a further page.
var pageGuards = []control.Guard[visit]{
	{Control: control.RSPageOwner, Check: checkPageOwner, Answer: notHisPage},
}

// missGuards stand last before the records, after all that is asked of token and proof. The first counts as it asks.
var missGuards = []control.Guard[visit]{
	{Control: control.RSRate, Check: checkRate, Answer: tooManyRequests},
	{Control: control.RSMisses, Check: checkMisses, Answer: tooManyMisses},
}

// volumeGuards stand behind them: how much the caller was handed lately.
var volumeGuards = []control.Guard[visit]{
	{Control: control.RSVolume, Check: checkVolume, Answer: tooManyRecords},
}

// onceGuards use the proof up. Each is one atomic step of its own memory; a proof that a later one
// refuses was used before, so that an earlier one has taken it for new harms nobody.
var onceGuards = []control.Guard[visit]{
	{Control: control.RSDPoPJTI, Check: ofProof(useOnceLately), Answer: badProof},
	{Control: control.RSDPoPJTISpelling, Check: ofProof(useOnceHoweverSpelled), Answer: badProof},
	{Control: control.RSDPoPJTIWindow, Check: ofProof(useOnceInWindow), Answer: badProof},
	{Control: control.RSDPoPJTIShared, Check: ofProof(useOnceAnywhere), Answer: badProof},
}

// Refusals, as a stranger may read them. Code is the OAuth error; outcome.go gives the FHIR issue code.
var (
	badRequest    = control.Answer{Status: http.StatusBadRequest, Code: "invalid_request", Safe: "the access token must be sent once, in the Authorization header"}
	badHost       = control.Answer{Status: http.StatusMisdirectedRequest, Code: "invalid_request", Safe: "the request names a host that is not this API"}
	badToken      = control.Answer{Status: http.StatusUnauthorized, Code: "invalid_token", Safe: "the access token is not acceptable"}
	narrowScope   = control.Answer{Status: http.StatusForbidden, Code: "insufficient_scope", Safe: "the scope of the access token does not cover this interaction"}
	badProof      = control.Answer{Status: http.StatusUnauthorized, Code: "invalid_dpop_proof", Safe: "the DPoP proof is missing or not acceptable"}
	wantNonce     = control.Answer{Status: http.StatusUnauthorized, Code: "use_dpop_nonce", Safe: "the DPoP proof must carry the nonce of the DPoP-Nonce header", Challenge: true}
	tooManyMisses = control.Answer{Status: http.StatusTooManyRequests, Code: "throttled", Safe: "too many requests for what is not there: wait a minute"}
	// noSuchRecord answers for records that do not exist and for those that are none of the caller's
	// business: telling them apart would tell strangers who is a patient.
	noSuchRecord = control.Answer{Status: http.StatusNotFound, Code: "not-found", Safe: interact.NoSuchRecord}
)

// notHisPage answers whoever follows somebody else's link. It tells nothing: neither whose it is, nor what would be there.
var notHisPage = control.Answer{Status: http.StatusForbidden, Code: "forbidden", Safe: "this link to a further page was made for another caller: search anew"}

// enteredByOthers answers whoever enters a patient whom he will not treat.
var enteredByOthers = control.Answer{Status: http.StatusForbidden, Code: "forbidden",
	Safe: "a patient is entered by whoever treats her: name yourself as her general practitioner, or your organization as the one that manages her record"}

// Guards lists the controls of all guards in the order in which a request meets them.
func Guards() []*control.Control {
	var out []*control.Control
	for _, list := range [][]control.Guard[visit]{baseGuards, tokenGuards, slices.Concat(scopeGuards[:]...), limitGuards, overrideGuards, schemeGuards, certificateGuards, proofGuards, tenantGuards, missGuards, volumeGuards, stepUpGuards, exportGuards, subscriptionGuards, endpointGuards, subscriberGuards, pageGuards, auditGuards, appendGuards, elementGuards,
		labelReadGuards, labelSearchGuards, labelWriteGuards, consentGuards, authorGuards, assignedGuards, narrativeGuards, glassGuards, reachGuards,
		slices.Concat(recordGuards[:]...), patientGuards, onceGuards} {
		for _, g := range list {
			out = append(out, g.Control)
		}
	}
	return out
}
