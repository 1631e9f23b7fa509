using System.Numerics;

namespace Llama2.Templating;

/// <summary>What a <c>range</c> was made of; it is printed, and sliced, by these.</summary>
internal sealed record RangeBounds(BigInteger Start, BigInteger Stop, BigInteger Step);
