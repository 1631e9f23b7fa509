using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Llama2.Server.Protocol;

/// <summary>Writes vectors; they are never read.</summary>
internal sealed class EmbeddingVectorConverter : JsonConverter<EmbeddingVector>
{
    public override EmbeddingVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, EmbeddingVector value, JsonSerializerOptions options)
    {
        if (value.IsBase64)
        {
            var bytes = new byte[value.Values.Length * sizeof(float)];
            for (int i = 0; i < value.Values.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), value.Values[i]);
            writer.WriteBase64StringValue(bytes);
            return;
        }

        writer.WriteStartArray();
        foreach (float number in value.Values)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
