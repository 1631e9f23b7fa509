using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Cli.Constraints;
using Llama2.Tokenization;

namespace Llama2.Benchmarks;

/// <summary>
/// Writes the vocabulary and the tokens of the texts that <c>llama2 constraint bench</c> tests, so that other engines are tested with the same tokens.
/// The first line is <c>{"pieces", "end"}</c>, each other line <c>{"name", "schema", "texts": [{"tokens", "valid"}]}</c>.
/// </summary>
internal static class ConstraintTexts
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the file.</summary>
    /// <param name="tests">The schemas and their tests, in the form that <c>llama2 constraint bench</c> reads.</param>
    /// <param name="tokenizerPath">The vocabulary.</param>
    /// <param name="output">The file to create or replace.</param>
    public static void Write(string tests, string tokenizerPath, string output)
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(tokenizerPath);
        using FileStream stream = File.Create(output);
        WriteLine(stream, json => WriteVocabulary(json, tokenizer));
        foreach (string line in File.ReadLines(tests).Where(line => line.Length > 0))
        {
            SchemaTest test = SchemaTest.Parse(Encoding.UTF8.GetBytes(line));
            WriteLine(stream, json => WriteTest(json, test, tokenizer));
        }
    }

    private static void WriteLine(Stream stream, Action<Utf8JsonWriter> writeMembers)
    {
        using (var json = new Utf8JsonWriter(stream, s_options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    // Control tokens and the unknown token do not stand for text, so their pieces are empty. SentencePiece writes a space as U+2581, and a byte as "<0x0A>".
    private static void WriteVocabulary(Utf8JsonWriter json, ModelTokenizer tokenizer)
    {
        json.WriteNumber("end", tokenizer.EndOfSequenceId);
        json.WriteStartArray("pieces");
        for (int token = 0; token < tokenizer.VocabularySize; token++)
        {
            bool isText = tokenizer.Vocabulary.Types[token] is not (PieceType.Control or PieceType.Unknown or PieceType.Unused);
            json.WriteStringValue(isText ? tokenizer.GetTokenText(token) : "");
        }

        json.WriteEndArray();
    }

    // The space that SentencePiece puts before a text is left out: llama2 does not count it as part of the text, and other engines may refuse it.
    private static void WriteTest(Utf8JsonWriter json, SchemaTest test, ModelTokenizer tokenizer)
    {
        json.WriteString("name", test.Name);
        json.WriteString("schema", test.Schema);
        json.WriteStartArray("texts");
        foreach ((string text, bool isValid) in test.Texts)
        {
            List<int> tokens = [];
            tokenizer.Encode(text, tokens, addDummyPrefix: false);
            json.WriteStartObject();
            json.WriteBoolean("valid", isValid);
            json.WriteStartArray("tokens");
            tokens.ForEach(json.WriteNumberValue);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
