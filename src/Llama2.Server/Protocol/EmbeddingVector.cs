using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>A vector, written as a list of numbers or as a text.</summary>
/// <param name="Values">The numbers.</param>
/// <param name="IsBase64">Whether it is written as the numbers' bytes, little-endian and in Base64.</param>
[JsonConverter(typeof(EmbeddingVectorConverter))]
internal readonly record struct EmbeddingVector(float[] Values, bool IsBase64);
