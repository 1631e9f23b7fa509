using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>Small vocabularies: unknown, begin and end tokens, optionally the 256 byte pieces, and the pieces of a test.</summary>
internal sealed class TestVocabulary
{
    private readonly List<string> _pieces = ["<unk>", "<s>", "</s>"];
    private readonly List<float> _scores = [0, 0, 0];
    private readonly List<PieceType> _types = [PieceType.Unknown, PieceType.Control, PieceType.Control];

    public TestVocabulary(bool hasBytes = true)
    {
        for (int value = 0; hasBytes && value < 256; value++)
            Add($"<0x{value:X2}>", 0, PieceType.Byte);
    }

    public VocabularyOptions Options { get; set; } = new() { UnknownId = 0, BeginOfSequenceId = 1, EndOfSequenceId = 2 };

    public IReadOnlyList<string> Pieces => _pieces;

    public IReadOnlyList<float> Scores => _scores;

    public IReadOnlyList<PieceType> Types => _types;

    public TestVocabulary Add(string piece, float score = 0, PieceType type = PieceType.Normal)
    {
        _pieces.Add(piece);
        _scores.Add(score);
        _types.Add(type);
        return this;
    }

    public TestVocabulary Set(int id, string piece, PieceType type)
    {
        _pieces[id] = piece;
        _types[id] = type;
        return this;
    }

    public TestVocabulary DropScore()
    {
        _scores.RemoveAt(_scores.Count - 1);
        return this;
    }

    public TestVocabulary DropType()
    {
        _types.RemoveAt(_types.Count - 1);
        return this;
    }

    public Vocabulary Create() => Vocabulary.Create("test", new PieceTexts(_pieces.ToArray()), _scores.ToArray(), _types.ToArray(), Options);

    public ModelTokenizer CreateTokenizer() => ModelTokenizer.Create(Create());

    public int Id(string piece) => _pieces.IndexOf(piece);

    public static ModelTokenizer Spm512() => ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));
}
