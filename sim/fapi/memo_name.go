package fapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// namer puts the name of a memory together. No two lists of parts are the same text, since each part says how long it is.
type namer struct{ text []byte }

var namers = sync.Pool{New: func() any { return &namer{make([]byte, 0, 4<<10)} }}

func newNamer() *namer { return namers.Get().(*namer) }

func (n *namer) number(v int64) { n.text = binary.BigEndian.AppendUint64(n.text, uint64(v)) }

func addPart[T ~[]byte | ~string](n *namer, part T) {
	n.number(int64(len(part)))
	n.text = append(n.text, part...)
}

// key adds all of a public key, or tells that it is of a kind that has no name here.
func (n *namer) key(key crypto.PublicKey) bool {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return false
		}
		addPart(n, key.Curve.Params().Name)
		addPart(n, point)
	case *rsa.PublicKey:
		addPart(n, "RSA")
		addPart(n, key.N.Bytes())
		n.number(int64(key.E))
	case ed25519.PublicKey:
		addPart(n, "Ed25519")
		addPart(n, key)
	default:
		return false
	}
	return true
}

// name ends the namer.
func (n *namer) name() [sha256.Size]byte {
	defer n.end()
	return sha256.Sum256(n.text)
}

func (n *namer) end() {
	n.text = n.text[:0]
	namers.Put(n)
}
