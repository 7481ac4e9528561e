package network

import (
	"crypto/tls"
	"net/http"
)

// callInMemory calls the handler where it stands. There is no reply if the exchange was dropped.
func (n *Network) callInMemory(x *exchange) reply {
	in := &http.Request{
		Method: x.method, URL: x.out.url, RequestURI: x.out.uri, Host: x.out.host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: x.out.header, Body: x.asked.of(x.out.body, x.to.lent), ContentLength: int64(len(x.out.body)),
		RemoteAddr: x.remoteAddr(), TLS: x.state(),
	}
	if !x.to.lent {
		in.Header = x.out.header.Clone()
	}
	rec := n.serve(x, in.WithContext(x.ctx))
	if rec == nil {
		return reply{}
	}
	return reply{status: rec.status, header: rec.sent.header, body: rec.body, length: rec.length(), tls: x.to.tls}
}

// pretendTLS is, in memory, the state of a connection that a TLS 1.3 handshake would have left behind.
func pretendTLS(o origin) *tls.ConnectionState {
	if o.scheme != "https" {
		return nil
	}
	return &tls.ConnectionState{
		Version: tls.VersionTLS13, HandshakeComplete: true, CipherSuite: tls.TLS_AES_128_GCM_SHA256,
		ServerName: o.name(),
	}
}
