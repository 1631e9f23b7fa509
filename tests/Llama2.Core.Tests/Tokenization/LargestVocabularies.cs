using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Llama2.Tests.Formats.Gguf;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>Tokenizers with the maximum number of pieces, which are as short as each file format allows.</summary>
internal static class LargestVocabularies
{
    private const int Count = Vocabulary.MaxCount;
    private static readonly string[] s_bytes = [.. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];

    /// <summary>The bytes of a tokenizer.model.</summary>
    /// <param name="prefix">The beginning of each piece.</param>
    /// <param name="type">The type of the pieces; the field is omitted for normal pieces. No piece has a score.</param>
    /// <param name="count">The total number of pieces.</param>
    public static byte[] SentencePiece(string prefix, PieceType type, int count = Count)
    {
        ModelProtoWriter model = new ModelProtoWriter().Specs(hasBytes: false).Piece("<unk>", 0, 2);
        foreach (string text in Texts(prefix).Take(count - 1))
        {
            var piece = new ModelProtoWriter().Text(1, text);
            model.Message(1, type == PieceType.Normal ? piece : piece.Integer(3, (int)type));
        }

        return model.ToArray();
    }

    /// <summary>The bytes of a tokenizer.bin.</summary>
    public static byte[] Llama2C(string prefix)
    {
        using var stream = new MemoryStream();
        stream.Write([16, 0, 0, 0]);
        byte[] header = new byte[8];
        foreach (string text in (IEnumerable<string>)["<unk>", "\n<s>\n", "\n</s>\n", .. s_bytes, .. Texts(prefix).Take(Count - 3 - 256)])
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text.Replace('\u2581', ' '));
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), utf8.Length);
            stream.Write(header);
            stream.Write(utf8);
        }

        return stream.ToArray();
    }

    /// <summary>The text of a tokenizer.json, optionally with every merge that its pieces allow.</summary>
    public static string Json(string prefix, bool hasMerges)
    {
        string[] texts = [.. Texts(prefix).Where(text => text.All(character => character is not ('"' or '\\') && !char.IsWhiteSpace(character))).Take(Count - 1)];
        var json = new StringBuilder("{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},\"content\":\"\u2581\"},\"model\":{\"byte_fallback\":true,\"unk_token\":\"<unk>\",\"vocab\":{\"<unk>\":0");
        for (int i = 0; i < texts.Length; i++)
            json.Append(CultureInfo.InvariantCulture, $",\"{texts[i]}\":{i + 1}");
        json.Append("},\"merges\":[");
        var all = texts.ToHashSet();
        IEnumerable<string> merges = from text in texts
                                     from cut in Enumerable.Range(1, text.Length - 1)
                                     where all.Contains(text[..cut]) && all.Contains(text[cut..])
                                     select $"\"{text[..cut]} {text[cut..]}\"";
        return json.AppendJoin(',', hasMerges ? merges : []).Append("]}}").ToString();
    }

    /// <summary>The bytes of a GGUF file without tensors.</summary>
    public static byte[] Gguf(string prefix) => new GgufBuilder()
        .Add("general.architecture", "llama")
        .Add("tokenizer.ggml.model", "llama")
        .Add("tokenizer.ggml.tokens", (string[])["<unk>", "<s>", "</s>", .. Texts(prefix).Take(Count - 3)])
        .Build();

    // Pieces of one byte, then of two, then of three. None is a control character, because JSON would escape it.
    private static IEnumerable<string> Texts(string prefix)
    {
        string[] ascii = [.. Enumerable.Range('!', '~' - '!' + 1).Select(code => $"{(char)code}")];
        IEnumerable<string> three = from first in ascii from second in ascii from third in ascii select first + second + third;
        IEnumerable<string> two = from first in ascii from second in ascii select first + second;
        return ascii.Concat(two).Concat(three).Select(text => prefix + text);
    }
}
