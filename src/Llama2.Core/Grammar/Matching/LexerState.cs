using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The state of the lexer after some bytes: which lexemes can begin with these bytes, and how each of these lexemes can go on. Created by
/// <see cref="Lexer"/>, which uses one object for equal states. Transitions and masks are filled in when they are first needed. Thread-safe.
/// </summary>
internal sealed class LexerState
{
    /// <summary>The state after bytes that begin no lexeme.</summary>
    public static readonly LexerState Dead = new([], [], 0);

    private readonly LexerState?[] _next;
    private LexerMask? _mask;

    public LexerState((int Lexeme, RegexNode Remainder)[] lexemes, int[] accepted, int classCount)
    {
        Lexemes = lexemes;
        Accepted = accepted;
        _next = new LexerState?[classCount];
        foreach ((_, RegexNode rest) in lexemes)
            CanContinue |= rest.Kind != RegexKind.Empty;
    }

    /// <summary>The lexemes that can still be completed, in ascending order, each with the expression that matches the rest of the lexeme.</summary>
    public (int Lexeme, RegexNode Remainder)[] Lexemes { get; }

    /// <summary>The lexemes that are complete.</summary>
    public int[] Accepted { get; }

    /// <summary>Whether any lexeme can continue with one more byte.</summary>
    public bool CanContinue { get; }

    /// <summary>The mask of the tokens that may follow; null until <see cref="Lexer"/> computes it.</summary>
    public LexerMask? Mask
    {
        get => Volatile.Read(ref _mask);
        set => Volatile.Write(ref _mask, value);
    }

    /// <summary>The only byte that may come next; -1 if no byte or more than one may come, -2 until <see cref="Lexer"/> computes the value.</summary>
    public int ForcedByte { get; set; } = -2;

    /// <summary>
    /// For each slice that has been examined, the highest cost of completing a lexeme after one of the slice's texts; null if not all of these texts
    /// are known to be allowed. Accessed only under the lexer's lock.
    /// </summary>
    public Dictionary<TextSlice, int?>? SliceCosts { get; set; }

    /// <summary>The state after a byte of the given class; null until <see cref="Lexer"/> computes it.</summary>
    public LexerState? Next(int byteClass) => Volatile.Read(ref _next[byteClass]);

    public void SetNext(int byteClass, LexerState state) => Volatile.Write(ref _next[byteClass], state);
}
