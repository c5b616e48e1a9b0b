package crmhttp

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	// failuresAtOnce is how many wrong links or tokens an address may try in a row.
	failuresAtOnce = 20
	// failureEvery is how long it takes until one more is allowed.
	failureEvery = 3 * time.Second
	// maxAddresses bounds the memory of addresses that tried wrong ones.
	maxAddresses = 20_000
)

// limiter slows addresses that try wrong secrets. Right ones cost nothing.
type limiter struct {
	mu sync.Mutex
	// until is when the failures of an address will all be forgotten.
	until map[netip.Prefix]time.Time
}

func newLimiter() *limiter { return &limiter{until: make(map[netip.Prefix]time.Time)} }

// wait is how long the address has to wait before it may try again; zero when it
// may now.
func (l *limiter) wait(address netip.Addr, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.until[network(address)]
	if !ok {
		return 0
	}
	return max(0, until.Sub(now)-(failuresAtOnce-1)*failureEvery)
}

// failed counts a wrong secret against the address.
func (l *limiter) failed(address netip.Addr, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := network(address)
	until := l.until[key]
	if until.Before(now) {
		until = now
	}
	if len(l.until) >= maxAddresses {
		l.forget(key, now)
	}
	l.until[key] = until.Add(failureEvery)
}

// forget makes room: for what is over, and if nothing is, for any but the key.
func (l *limiter) forget(key netip.Prefix, now time.Time) {
	for k, until := range l.until {
		if until.Before(now) {
			delete(l.until, k)
		}
	}
	for k := range l.until {
		if len(l.until) < maxAddresses {
			return
		}
		if k != key {
			delete(l.until, k)
		}
	}
}

// network is what one subscriber has: an IPv4 address, or an IPv6 /64.
func network(address netip.Addr) netip.Prefix {
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // No address: all of these count as one.
	}
	return prefix
}

// client is the address that the request comes from, behind trusted proxies.
func (h *Handler) client(r *http.Request) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := remote.Addr().Unmap()
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	// From the nearest proxy outwards: the first that is not ours is the client.
	for i := len(forwarded) - 1; i >= 0 && h.trusts(address); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		address = next.Unmap()
	}
	return address
}

func (h *Handler) trusts(address netip.Addr) bool {
	for _, proxy := range h.TrustedProxies {
		if proxy.Contains(address) {
			return true
		}
	}
	return false
}
