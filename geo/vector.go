package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Vector is from the middle of the earth to a point on the ground, of length 1, or what is
// worked out of such. Great circles are planes to it: many distances to one cost no
// trigonometry.
type Vector [3]float64

// NewVector is the vector to a point in degrees.
func NewVector(p orb.Point) Vector {
	sinLon, cosLon := math.Sincos(p.Lon() * math.Pi / 180)
	sinLat, cosLat := math.Sincos(p.Lat() * math.Pi / 180)
	return Vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// Plus is the sum.
func (v Vector) Plus(w Vector) Vector { return Vector{v[0] + w[0], v[1] + w[1], v[2] + w[2]} }

// Minus is the difference.
func (v Vector) Minus(w Vector) Vector { return Vector{v[0] - w[0], v[1] - w[1], v[2] - w[2]} }

// Dot is the scalar product: the cosine of the angle between points.
func (v Vector) Dot(w Vector) float64 { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }

// Times is the vector, so many times as long.
func (v Vector) Times(x float64) Vector { return Vector{v[0] * x, v[1] * x, v[2] * x} }

// Cross is the vector product: square to both, by the right hand.
func (v Vector) Cross(w Vector) Vector {
	return Vector{v[1]*w[2] - v[2]*w[1], v[2]*w[0] - v[0]*w[2], v[0]*w[1] - v[1]*w[0]}
}

// Unit is of length 1, or zero for what is next to nothing, which has no direction left.
func (v Vector) Unit() Vector {
	length := math.Sqrt(v.Dot(v))
	if length < 1e-30 {
		return Vector{}
	}
	return v.Times(1 / length)
}

// Chord is the square of the straight line between two points on the ground.
func (v Vector) Chord(w Vector) float64 {
	d := v.Minus(w)
	return d.Dot(d)
}

// Arc is the angle in radians above a chord, given its square: precise for near points.
func Arc(chord float64) float64 { return 2 * math.Asin(min(1, math.Sqrt(chord)/2)) }
