using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// What the lexer knows after some bytes: which lexemes may begin with these bytes, and what may still follow in each. Created by <see cref="Lexer"/>,
/// which uses one object for equal states. Transitions and masks are filled in when they are first needed. Thread-safe.
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

    /// <summary>The lexemes that can still be completed, in ascending order, each with the expression for what may follow the bytes so far.</summary>
    public (int Lexeme, RegexNode Remainder)[] Lexemes { get; }

    /// <summary>The lexemes that are complete.</summary>
    public int[] Accepted { get; }

    /// <summary>Whether a lexeme may go on with another byte.</summary>
    public bool CanContinue { get; }

    /// <summary>The tokens that may follow; null until <see cref="Lexer"/> computes it.</summary>
    public LexerMask? Mask
    {
        get => Volatile.Read(ref _mask);
        set => Volatile.Write(ref _mask, value);
    }

    /// <summary>The only byte that may come next; -1 if there is no byte or more than one, -2 until <see cref="Lexer"/> computes it.</summary>
    public int ForcedByte { get; set; } = -2;

    /// <summary>
    /// For each slice that has been examined, the highest cost after one of its texts; null if not all of its texts may come. Accessed under the
    /// lexer's lock.
    /// </summary>
    public Dictionary<TextSlice, int?>? SliceCosts { get; set; }

    /// <summary>The state after a byte of a class; null until <see cref="Lexer"/> computes it.</summary>
    public LexerState? Next(int byteClass) => Volatile.Read(ref _next[byteClass]);

    public void SetNext(int byteClass, LexerState state) => Volatile.Write(ref _next[byteClass], state);
}
