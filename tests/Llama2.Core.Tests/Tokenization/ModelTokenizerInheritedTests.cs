using System.Buffers;
using CsCheck;
using Microsoft.ML.Tokenizers;

namespace Llama2.Tests.Tokenization;

/// <summary>The behaviour of <see cref="ModelTokenizer"/> where it is used as a Microsoft.ML.Tokenizers tokenizer.</summary>
public class ModelTokenizerInheritedTests
{
    private static readonly ModelTokenizer _tokenizer = TestVocabulary.Spm512();
    private static readonly Gen<string> _text = Gen.OneOf(Gen.String[0, 12], Gen.OneOf("the ", "a", "é", "\U0001F999").List[0, 8].Select(string.Concat));

    [Fact]
    public void EncodeToIds_AnyText_EqualsEncodeWithTheFilesDefaults() =>
        _text.Sample(text =>
        {
            Tokenizer tokenizer = _tokenizer;
            int[] expected = _tokenizer.Encode(text, addBeginOfSequence: true);
            tokenizer.EncodeToIds(text).Should().Equal(expected);
            tokenizer.EncodeToTokens(text, out _).Select(token => token.Id).Should().Equal(expected);
            tokenizer.CountTokens(text).Should().Be(expected.Length);
            tokenizer.Decode(expected).Should().Be(_tokenizer.Decode(expected.AsSpan()));
        });

    [Fact]
    public void EncodeToTokens_AnyText_OffsetsCoverTheNormalizedText() =>
        _text.Sample(text =>
        {
            IReadOnlyList<EncodedToken> tokens = _tokenizer.EncodeToTokens(text, out string? normalized);
            int end = 0;
            foreach (EncodedToken token in tokens)
            {
                (int offset, int length) = token.Offset.GetOffsetAndLength(normalized!.Length);
                offset.Should().Be(end);
                if (length > 0 && !token.Value.StartsWith("<0x"))
                    normalized.Substring(offset, length).Should().Be(token.Value);
                end = offset + length;
            }

            end.Should().Be(normalized!.Length);
        });

    [Fact]
    public void GetIndexByTokenCount_AnyLimit_CutsBetweenWholeCharacters() =>
        Gen.Select(_text, Gen.Int[1, 12]).Sample((text, maximum) =>
        {
            int index = _tokenizer.GetIndexByTokenCount(text, maximum, out string? normalized, out int count);
            IReadOnlyList<int> front = _tokenizer.EncodeToIds(text, maximum, out _, out int consumed);
            (front.Count, consumed).Should().Be((count, index));
            count.Should().BeLessThanOrEqualTo(maximum);
            _tokenizer.Decode([.. front]).Should().Be(Unescape(normalized![..index]));

            int[] all = _tokenizer.Encode(text, addBeginOfSequence: true);
            int start = _tokenizer.GetIndexByTokenCountFromEnd(text, maximum, out normalized, out count);
            count.Should().BeLessThanOrEqualTo(maximum);
            StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder(keepLeadingSpace: start > 0);
            string tail = string.Concat(all[^count..].Select(decoder.Append)) + decoder.Flush();
            tail.Should().Be(start > 0 ? normalized![start..].Replace('\u2581', ' ') : Unescape(normalized!));
        });

    [Fact]
    public void GetIndexByTokenCount_EverythingFits_IsTheWholeText()
    {
        _tokenizer.GetIndexByTokenCount("the é", 100, out string? normalized, out int count).Should().Be(normalized!.Length);
        count.Should().Be(_tokenizer.CountTokens("the é"));
        _tokenizer.GetIndexByTokenCountFromEnd("the é", 100, out _, out _).Should().Be(0);
    }

    [Fact]
    public void EncodeToIds_WithoutNormalization_TakesTheTextAsItStands() =>
        _tokenizer.EncodeToIds("\u2581the", considerNormalization: false).Should().Equal(_tokenizer.Encode("the", true));

    [Fact]
    public void Decode_IntoSpan_StopsBeforeWhatDoesNotFit()
    {
        int[] ids = _tokenizer.Encode("the \U0001F999!", addBeginOfSequence: true);
        string whole = _tokenizer.Decode(ids.AsSpan());
        for (int size = 0; size <= whole.Length; size++)
        {
            var destination = new char[size];
            OperationStatus status = _tokenizer.Decode(ids, destination, out int consumed, out int written);
            status.Should().Be(size == whole.Length ? OperationStatus.Done : OperationStatus.DestinationTooSmall);
            new string(destination, 0, written).Should().Be(_tokenizer.Decode(ids.AsSpan(0, consumed)));
        }

        _tokenizer.Decode([512], new char[9], out _, out _).Should().Be(OperationStatus.InvalidData);
    }

    private static string Unescape(string normalized) => normalized.Length == 0 ? "" : normalized[1..].Replace('\u2581', ' ');
}
