package wire

import "encoding/hex"

// Most random IDs are UUIDs, in the form that RFC 9562 writes them:
// "f81d4fae-7dec-11d0-a765-00a0c91e6bf6". They are kept as their 16 bytes.

// uuidMark stands where a text has its length, before a UUID.
const uuidMark = 1

const uuidLen = 36

// nibbles has the value of each hexadecimal digit, and notHex for the rest.
var nibbles = func() (table [256]byte) {
	for i := range table {
		table[i] = notHex
	}
	for i, digit := range []byte("0123456789abcdef") {
		table[digit] = byte(i)
	}
	return table
}()

const notHex = 0x80

func packUUID(text string) (packed [16]byte, ok bool) {
	if len(text) != uuidLen || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return packed, false
	}
	var wrong byte
	at := 0
	for i := range packed {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		high, low := nibbles[text[at]], nibbles[text[at+1]]
		wrong |= high | low
		packed[i] = high<<4 | low&0x0f
		at += 2
	}
	return packed, wrong&notHex == 0
}

func unpackUUID(packed string) string {
	var bytes [16]byte
	copy(bytes[:], packed)
	var text [uuidLen]byte
	hex.Encode(text[:8], bytes[:4])
	hex.Encode(text[9:13], bytes[4:6])
	hex.Encode(text[14:18], bytes[6:8])
	hex.Encode(text[19:23], bytes[8:10])
	hex.Encode(text[24:], bytes[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}
