using Llama2.Tokenization;
using Llama2.Training.Vocabularies;
using static System.FormattableString;

namespace Llama2.Training;

/// <summary>
/// Learns a vocabulary of Llama 2's kind from texts: byte-pair encoding (Sennrich et al. 2016, arXiv 1508.07909) as SentencePiece trains it, with a
/// token for each byte. The class has no state and is thread-safe. The same texts and options give the same vocabulary.
/// </summary>
/// <remarks>
/// The ids are assigned as in Llama 2: 0 is the unknown token, 1 the begin-of-sequence token, 2 the end-of-sequence token, and 3 to 258 are the
/// bytes. Merged pieces in the order of merging follow, then single characters, the most frequent first. A token consists only of letters, of a
/// single digit, or only of other characters, because text is split where the kind of character changes. It may have a space only at its beginning.
/// Line feeds and other control characters are encoded as bytes. Training is synchronous, because it computes all the time and never waits. If the
/// calling thread must stay free, call it within <c>Task.Run</c>.
/// </remarks>
public static class TokenizerTrainer
{
    private const int UnknownId = 0, BeginOfSequenceId = 1, EndOfSequenceId = 2;

    /// <summary>Learns a vocabulary; <see cref="ModelTokenizer.Save"/> saves it.</summary>
    /// <param name="texts">
    /// The texts, in the form in which texts will later be encoded, without control tokens. They are read once, one at a time, so they may be a
    /// stream of any length.
    /// </param>
    /// <param name="options">The sizes of the vocabulary and its tokens; null for the defaults.</param>
    /// <param name="progress">
    /// Receives the fraction of the merges that are done, 0 to 1, about a hundred times, on the calling thread. All texts are read before the first
    /// report.
    /// </param>
    /// <param name="cancellationToken">Ends training after the current text or merge.</param>
    /// <exception cref="ArgumentException">
    /// The texts have too many different words, or more different characters than the vocabulary has room for, or they are too short to fill the
    /// vocabulary.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ModelTokenizer Train(
        IEnumerable<string> texts, TokenizerTrainerOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        options ??= new TokenizerTrainerOptions();
        var words = new WordCounter(options.MaxWordCount);
        foreach (string text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            words.Add(text);
        }

        string[] alphabet = words.ChooseAlphabet(options.CharacterCoverage);
        int mergeCount = options.VocabularySize - TokenizerTrainerOptions.FixedCount - alphabet.Length;
        if (mergeCount < 0)
        {
            throw new ArgumentException(
                Invariant($"The texts have {alphabet.Length:N0} different characters, and {options.VocabularySize:N0} tokens have room for {options.VocabularySize - TokenizerTrainerOptions.FixedCount:N0}: raise {nameof(TokenizerTrainerOptions.VocabularySize)}, or lower {nameof(TokenizerTrainerOptions.CharacterCoverage)}."),
                nameof(texts));
        }

        var learner = new MergeLearner(words.Counts, alphabet, options.MaxPieceLength);
        IReadOnlyList<string> merged = learner.Learn(mergeCount, progress, cancellationToken);
        if (merged.Count < mergeCount)
        {
            throw new ArgumentException(
                Invariant($"The texts have nothing left to merge after {options.VocabularySize - mergeCount + merged.Count:N0} of {options.VocabularySize:N0} tokens: give more text, or lower {nameof(TokenizerTrainerOptions.VocabularySize)}."),
                nameof(texts));
        }

        return ModelTokenizer.Create(Assemble([.. merged, .. alphabet]));
    }

    private static Vocabulary Assemble(string[] learned)
    {
        string[] pieces = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => Invariant($"<0x{value:X2}>")), .. learned];
        var types = new PieceType[pieces.Length];
        Array.Fill(types, PieceType.Normal);
        (types[UnknownId], types[BeginOfSequenceId], types[EndOfSequenceId]) = (PieceType.Unknown, PieceType.Control, PieceType.Control);
        Array.Fill(types, PieceType.Byte, EndOfSequenceId + 1, 256);

        // The encoder merges the piece with the highest score first, so the piece that was learned first gets the highest score.
        var scores = new float[pieces.Length];
        for (int i = 0; i < learned.Length; i++)
        {
            scores[TokenizerTrainerOptions.FixedCount + i] = -i;
        }

        var options = new VocabularyOptions { UnknownId = UnknownId, BeginOfSequenceId = BeginOfSequenceId, EndOfSequenceId = EndOfSequenceId };
        return Vocabulary.Create("a trained vocabulary", new PieceTexts(pieces), scores, types, options);
    }
}
