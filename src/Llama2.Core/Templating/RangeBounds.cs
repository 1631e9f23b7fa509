using System.Numerics;

namespace Llama2.Templating;

/// <summary>The arguments of a <c>range</c>, which determine how it is printed and sliced.</summary>
internal sealed record RangeBounds(BigInteger Start, BigInteger Stop, BigInteger Step);
