using Llama2.Tests;
using Llama2.Tokenization;

namespace Llama2.Training.Tests.Vocabularies;

public sealed class TokenizerTrainerTests : IDisposable
{
    private static readonly string[] s_texts =
    [
        "The little fox went to the lake. \"Hello!\" said the fox; the duck said: 12 plus 305 is 317.",
        "the cat, the dog\nand the other thinner thing", "aaaa aaaaa banana bananas ananas  two  spaces",
        "Größe, größer, am größten: naïve café, жить и жизнь, 東京と京都 🦙🦙 e\u0301e\u0301", "<s>[INST] tags </s> <0x41> <unk>",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(80)]
    public void Train_AnyTexts_MergesInTheOrderOfTheNaiveTrainer(int mergeCount)
    {
        NaiveTokenizerTrainer naive = NaiveTokenizerTrainer.Train(s_texts, mergeCount, maxPieceLength: 16);

        ModelTokenizer tokenizer = Train(s_texts, mergeCount);

        PiecesOf(tokenizer)[259..].Should().Equal([.. naive.Merged, .. naive.Alphabet]);
        naive.Merged.Should().HaveCount(mergeCount);
    }

    [Fact]
    public void Train_TextsOfRandomLetters_MergesInTheOrderOfTheNaiveTrainer()
    {
        for (int seed = 0; seed < 6; seed++)
        {
            // With few letters there are many ties, and many pieces can arise in several ways.
            var random = new Random(seed);
            string[] texts = [.. Enumerable.Range(0, 30).Select(_ => string.Concat(Enumerable.Range(0, 40).Select(_ => "aab c.1"[random.Next(7)])))];
            NaiveTokenizerTrainer naive = NaiveTokenizerTrainer.Train(texts, mergeCount: 30, maxPieceLength: 16);

            PiecesOf(Train(texts, 30))[259..].Should().Equal([.. naive.Merged, .. naive.Alphabet], "of seed {0}", seed);
        }
    }

    [Fact]
    public void Train_Vocabulary_CutsTextAsItWasCutWhileLearning()
    {
        for (int seed = 0; seed < 6; seed++)
        {
            var random = new Random(seed);
            string[] texts = [.. Enumerable.Range(0, 30).Select(_ => string.Concat(Enumerable.Range(0, 40).Select(_ => "aab c.1"[random.Next(7)])))];
            NaiveTokenizerTrainer naive = NaiveTokenizerTrainer.Train(texts, mergeCount: 30, maxPieceLength: 16);
            ModelTokenizer tokenizer = Train(texts, 30);
            string[] pieces = PiecesOf(tokenizer);

            foreach (string text in texts)
                tokenizer.Encode(text, addBeginOfSequence: false).Select(id => pieces[id]).Should().Equal(naive.Cut(text), "of '{0}'", text);
        }
    }

    [Theory]
    [InlineData("The fox said hello to the dog.")]
    [InlineData("Words that were never seen: zebra, Übermut, 1,234.5 — 中文 🐑\r\n\tand \0 too")]
    [InlineData("  spaces   everywhere ")]
    public void Train_Vocabulary_GivesAnyTextBack(string text)
    {
        ModelTokenizer tokenizer = Train(s_texts, 60);

        tokenizer.Decode(tokenizer.Encode(text, addBeginOfSequence: true)).Should().Be(text);
    }

    [Fact]
    public void Train_Vocabulary_HasLlamasFixedTokens()
    {
        ModelTokenizer tokenizer = Train(s_texts, 60);

        (tokenizer.UnknownId, tokenizer.BeginOfSequenceId, tokenizer.EndOfSequenceId).Should().Be((0, 1, 2));
        PiecesOf(tokenizer)[..5].Should().Equal("<unk>", "<s>", "</s>", "<0x00>", "<0x01>");
        tokenizer.Encode("<s></s><0x41>", addBeginOfSequence: false).Should().NotContain([1, 2, 3 + 0x41], "text is data");
        tokenizer.Encode("\n", addBeginOfSequence: false)[^1].Should().Be(3 + '\n');
    }

    [Fact]
    public void Train_Numbers_AreReadDigitByDigit() =>
        PiecesOf(Train(["11 11 11 11 abc abc", .. s_texts], 40)).Where(piece => piece.Length > 1 && piece[0] != '<').Should().NotContain(piece => piece.Any(char.IsDigit));

    [Fact]
    public void Save_TrainedVocabulary_IsReadBackTheSame()
    {
        ModelTokenizer tokenizer = Train(s_texts, 60);

        tokenizer.Save(_folder.File("tokenizer.model"));

        ModelTokenizer read = ModelTokenizer.Load(_folder.File("tokenizer.model"));
        PiecesOf(read).Should().Equal(PiecesOf(tokenizer));
        read.Encode(s_texts[3], addBeginOfSequence: true).Should().Equal(tokenizer.Encode(s_texts[3], addBeginOfSequence: true));
        _folder.Names.Should().BeEquivalentTo(["tokenizer.model", "pieces"], "no temporary file stays");
    }

    [Fact]
    public void Train_CharactersBelowTheCoverage_AreSpelledInBytes()
    {
        string[] texts = [string.Concat(Enumerable.Repeat("ab ", 999)) + "z"];

        ModelTokenizer tokenizer = TokenizerTrainer.Train(texts, new TokenizerTrainerOptions { VocabularySize = 259 + 3 + 2, CharacterCoverage = 0.999 });

        PiecesOf(tokenizer)[259..].Should().Equal("ab", "▁ab", "▁", "a", "b");
        tokenizer.Encode("z", addBeginOfSequence: false)[^1].Should().Be(3 + 'z');
    }

    [Fact]
    public void Train_LongRunWithoutSpaces_IsLearnedInTime()
    {
        var random = new Random(1);
        string run = string.Concat(Enumerable.Range(0, 50_000).Select(_ => (char)('a' + random.Next(26))));

        TokenizerTrainer.Train([run], new TokenizerTrainerOptions { VocabularySize = 400, CharacterCoverage = 1 }).VocabularySize.Should().Be(400);
    }

    [Fact]
    public void Train_TooLittleText_SaysHowManyTokensThereAre() =>
        FluentActions.Invoking(() => TokenizerTrainer.Train(["ab"], new TokenizerTrainerOptions { VocabularySize = 300, CharacterCoverage = 1 }))
            .Should().Throw<ArgumentException>().WithMessage("*264 of 300 tokens*");

    [Fact]
    public void Train_MoreCharactersThanTokens_SaysSo() =>
        FluentActions.Invoking(() => TokenizerTrainer.Train(["abcdef"], new TokenizerTrainerOptions { VocabularySize = 260, CharacterCoverage = 1 }))
            .Should().Throw<ArgumentException>().WithMessage("*7 different characters*room for 1*");

    [Fact]
    public void Train_TooManyWords_SaysSo() =>
        FluentActions.Invoking(() => TokenizerTrainer.Train(["one two three"], new TokenizerTrainerOptions { MaxWordCount = 2 }))
            .Should().Throw<ArgumentException>().WithMessage("*more than 2 different words*");

    [Fact]
    public void Train_Progress_RisesToTheWholeInAboutAHundredSteps()
    {
        var random = new Random(1);
        string run = string.Concat(Enumerable.Range(0, 20_000).Select(_ => (char)('a' + random.Next(26))));
        var progress = new Fractions();

        TokenizerTrainer.Train([run], new TokenizerTrainerOptions { VocabularySize = 700, CharacterCoverage = 1 }, progress);

        progress.Values.Should().BeInAscendingOrder().And.EndWith(1).And.HaveCountGreaterThan(90).And.HaveCountLessThan(140);
    }

    [Fact]
    public void Train_Cancelled_Ends()
    {
        using var cancellation = new CancellationTokenSource();
        IEnumerable<string> Texts()
        {
            yield return "first";
            cancellation.Cancel();
            yield return "second";
        }

        FluentActions.Invoking(() => TokenizerTrainer.Train(Texts(), cancellationToken: cancellation.Token)).Should().Throw<OperationCanceledException>();
    }

    private static ModelTokenizer Train(string[] texts, int mergeCount)
    {
        int alphabetCount = NaiveTokenizerTrainer.Train(texts, 0, 16).Alphabet.Count;
        return TokenizerTrainer.Train(texts, new TokenizerTrainerOptions { VocabularySize = 259 + alphabetCount + mergeCount, CharacterCoverage = 1 });
    }

    private string[] PiecesOf(ModelTokenizer tokenizer)
    {
        tokenizer.Save(_folder.File("pieces"));
        return TokenizerFile.Read(_folder.File("pieces")).Pieces.ToArray();
    }

    private sealed class Fractions : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
