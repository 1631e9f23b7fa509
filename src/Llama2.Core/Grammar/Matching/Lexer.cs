using Llama2.Grammar.Regexes;
using Llama2.Grammar.Rules;

namespace Llama2.Grammar.Matching;

/// <summary>
/// Recognizes the lexemes of a grammar, byte by byte. A state is a set of lexemes. For each lexeme, the state has the derivative of the lexeme's regular expression
/// with respect to the bytes so far; this derivative matches the rest of the lexeme. States and transitions are created under a lock when they are first needed; they
/// are read without a lock. Thread-safe.
/// </summary>
internal sealed class Lexer
{
    /// <summary>
    /// If there are more states than this, or more expressions than <see cref="MaxNodeCount"/>, all states and expressions that are not in use are
    /// forgotten.
    /// </summary>
    private const int MaxStateCount = 20_000;
    private const int MaxNodeCount = 150_000;
    private const int MaxMaskCount = 2_000;
    private const int MaxBoundaryMaskCount = 20_000;
    private const int MaxSliceStates = 300;
    private const int MaxSliceWork = 10_000;

    private readonly Lock _lock = new();
    private readonly RegexFactory _regexes;
    private readonly ByteClasses _classes;
    private readonly RegexNode[] _lexemes;
    private readonly TokenBytes _tokens;
    private readonly TokenCosts _costs;
    private readonly List<LexerState> _masked = [];
    private int _boundaryMaskCount;
    private Dictionary<StateKey, LexerState> _states = [];
    private StartStates _starts = new();

    public Lexer(RegexFactory regexes, ByteClasses classes, RegexNode[] lexemes, TokenBytes tokens)
    {
        _regexes = regexes;
        _classes = classes;
        _lexemes = lexemes;
        _tokens = tokens;
        _costs = new TokenCosts(regexes, classes, tokens.All);
    }

    /// <summary>The class of each byte; bytes that no expression distinguishes from each other have the same class.</summary>
    public ReadOnlySpan<byte> ClassOf => _classes.ClassOf;

    /// <summary>For each lexeme, the number of tokens of a short text that matches it.</summary>
    /// <param name="locate">Adds the place of a lexeme to the exception that was thrown because the lexeme's cost exceeds a limit.</param>
    public int[] ComputeLexemeCosts(Func<int, GrammarLimitException, GrammarLimitException> locate)
    {
        lock (_lock)
        {
            _regexes.Budget = new GrammarBudget();
            var costs = new int[_lexemes.Length];
            for (int i = 0; i < costs.Length; i++)
            {
                try
                {
                    costs[i] = _costs.Of(_lexemes[i]);
                }
                catch (GrammarLimitException exception)
                {
                    throw locate(i, exception);
                }
            }

            return costs;
        }
    }

    /// <summary>The state before the first byte of a text that begins with one of the given lexemes.</summary>
    /// <param name="lexemes">The lexemes, in ascending order.</param>
    /// <param name="budget">Counts the work.</param>
    public LexerState Start(ReadOnlySpan<int> lexemes, GrammarBudget budget)
    {
        if (Volatile.Read(ref _starts).Find(lexemes) is LexerState known)
            return known;
        lock (_lock)
        {
            if (_starts.Find(lexemes) is LexerState made)
                return made;
            _regexes.Budget = budget;
            var parts = new (int, RegexNode)[lexemes.Length];
            for (int i = 0; i < parts.Length; i++)
                parts[i] = (lexemes[i], _lexemes[lexemes[i]]);
            LexerState state = Intern(parts);
            _starts.Add(lexemes, state);
            return state;
        }
    }

    /// <summary>The state after another byte; <see cref="LexerState.Dead"/> if no lexeme can go on with this byte.</summary>
    public LexerState Next(LexerState state, byte value, GrammarBudget budget)
    {
        int byteClass = _classes.ClassOf[value];
        if (state.Next(byteClass) is LexerState known)
            return known;
        lock (_lock)
        {
            _regexes.Budget = budget;
            return NextOfClass(state, byteClass);
        }
    }

    /// <summary>The tokens that may follow a state, as far as the lexer can tell without the parser.</summary>
    public LexerMask Mask(LexerState state, GrammarBudget budget)
    {
        if (state.Mask is LexerMask known)
            return known;
        lock (_lock)
        {
            if (state.Mask is LexerMask made)
                return made;
            _regexes.Budget = budget;
            if (_masked.Count >= MaxMaskCount)
                ForgetMasks();
            LexerState near = WithHorizon(state, _tokens.All.MaxDepth);
            // The cost of completing a lexeme after a token is at most the cost before the token, plus the cost of completing a character that the
            // token has begun.
            LexerMask mask = near == state ? ComputeMask(state) : Raise(Mask(near, budget), CostOf(state));
            state.Mask = mask;
            _masked.Add(state);
            return mask;
        }
    }

    /// <summary>The allowed tokens among the tokens that continue after a boundary.</summary>
    /// <param name="boundary">The boundary: nodes at which a lexeme ends, although tokens below these nodes go on.</param>
    /// <param name="start">The state before the lexemes that may follow.</param>
    /// <param name="budget">Counts the work.</param>
    public LexerMask Mask(LexerBoundary boundary, LexerState start, GrammarBudget budget)
    {
        if (boundary.Find(start) is LexerMask known)
            return known;
        lock (_lock)
        {
            if (boundary.Find(start) is LexerMask made)
                return made;
            _regexes.Budget = budget;
            var walk = new LexerWalk(this, boundary.Trie, 0);
            foreach (int node in boundary.Nodes)
                walk.Over(start, node + 1, boundary.Trie.Ends[node], boundary.Trie.Depths[node]);
            LexerMask mask = walk.ToMask(slice: null, _tokens.MaskLength);
            if (_boundaryMaskCount++ >= MaxBoundaryMaskCount)
                ForgetMasks();
            boundary.Add(start, mask);
            return mask;
        }
    }

    /// <summary>The number of tokens of a short text that completes a lexeme; 0 if the lexeme is complete.</summary>
    public int CostOf(RegexNode rest, GrammarBudget budget)
    {
        if (rest.IsNullable)
            return 0;
        if (rest.TokenCost is int known and >= 0)
            return known;
        lock (_lock)
        {
            _regexes.Budget = budget;
            return _costs.Of(rest);
        }
    }

    /// <summary>The only byte that may come next; -1 if no byte or more than one may come.</summary>
    public int ForcedByte(LexerState state, GrammarBudget budget)
    {
        if (state.ForcedByte == -2)
        {
            int forced = -1, count = 0;
            lock (_lock)
            {
                _regexes.Budget = budget;
                for (int byteClass = 0; byteClass < _classes.Count && count < 2; byteClass++)
                {
                    if (NextOfClass(state, byteClass) != LexerState.Dead)
                    {
                        count += _classes.Size(byteClass);
                        forced = _classes.Representative(byteClass);
                    }
                }
            }

            state.ForcedByte = count == 1 ? forced : -1;
        }

        return state.ForcedByte;
    }

    /// <summary>Counts work. Called under the lock.</summary>
    internal void Charge(int units) => _regexes.Budget.Charge(units);

    /// <summary>The state after one more byte, which is of the given class. Called under the lock.</summary>
    internal LexerState NextOfClass(LexerState state, int byteClass)
    {
        if (state.Next(byteClass) is LexerState known)
            return known;
        ForgetIfMany();
        _regexes.Budget.Charge(1 + (state.Lexemes.Length / 4));
        var parts = new List<(int, RegexNode)>(state.Lexemes.Length);
        foreach ((int lexeme, RegexNode rest) in state.Lexemes)
        {
            RegexNode derived = _regexes.Derive(rest, byteClass, _classes);
            if (derived != _regexes.Nothing && _regexes.FindDistance(derived, _classes) != RegexNode.Unreachable)
                parts.Add((lexeme, derived));
        }

        LexerState next = parts.Count == 0 ? LexerState.Dead : Intern([.. parts]);
        state.SetNext(byteClass, next);
        return next;
    }

    private LexerState Intern((int Lexeme, RegexNode Remainder)[] parts)
    {
        var key = new StateKey(parts);
        if (!_states.TryGetValue(key, out LexerState? state))
        {
            _regexes.Budget.Charge(2 + (_classes.Count / 16) + (parts.Length / 8));
            int[] accepted = [.. parts.Where(part => part.Remainder.IsNullable).Select(part => part.Lexeme)];
            _states.Add(key, state = new LexerState(parts, accepted, _classes.Count));
        }

        return state;
    }

    // States that are in use stay valid. If a state equal to a forgotten one is needed later, a new object is created for it.
    private void ForgetIfMany()
    {
        if (_states.Count <= MaxStateCount && _regexes.NodeCount <= MaxNodeCount)
            return;
        _regexes.Forget();
        _states = [];
        Volatile.Write(ref _starts, new StartStates());
    }

    // Boundaries belong to masks, so the masks of boundaries are forgotten too.
    private void ForgetMasks()
    {
        foreach (LexerState masked in _masked)
            masked.Mask = null;
        _masked.Clear();
        _boundaryMaskCount = 0;
    }

    private static LexerMask Raise(LexerMask mask, int cost) => mask with { MaxCost = RuleCosts.Sum(mask.MaxCost, cost) };

    private LexerMask ComputeMask(LexerState state)
    {
        int maxCost = 0;
        TextSlice? slice = FindSlice(state, ref maxCost);
        TokenTrie trie = slice?.Rest ?? _tokens.All;
        var walk = new LexerWalk(this, trie, maxCost);
        walk.Over(state, 0, trie.Count, baseDepth: 0);
        return walk.ToMask(slice, _tokens.MaskLength);
    }

    // A state that allows the same tokens as the given state, if only tokens of at most the given number of bytes are considered. Many states can
    // share such a state, so that fewer masks are computed.
    private LexerState WithHorizon(LexerState state, int length)
    {
        _regexes.Budget.Charge(state.Lexemes.Length / 4);
        (int Lexeme, RegexNode Remainder)[] parts = [.. state.Lexemes.Select(part => (part.Lexeme, CountHorizon.Apply(_regexes, part.Remainder, length)))];
        return parts.AsSpan().SequenceEqual(state.Lexemes) ? state : Intern(parts);
    }

    private TextSlice? FindSlice(LexerState state, ref int maxCost)
    {
        foreach (TextSlice slice in _tokens.Slices)
        {
            if (IsSliceAllowed(state, slice, ref maxCost))
                return slice;
        }

        return null;
    }

    /// <summary>The lowest of the costs of completing the lexemes of a state, in tokens. The caller must hold the lock.</summary>
    internal int CostOf(LexerState state)
    {
        int cost = int.MaxValue;
        _regexes.Budget.Charge(state.Lexemes.Length / 8);
        foreach ((_, RegexNode rest) in state.Lexemes)
            cost = Math.Min(cost, _costs.Of(rest));
        return cost;
    }

    // Whether the lexer allows all tokens of a slice. This is the case if one of the lexemes can begin with every text that might be in the slice.
    // These are all texts of at most the slice's length that consist of whole characters, without quotation marks, backslashes and control characters.
    private bool IsSliceAllowed(LexerState state, TextSlice slice, ref int maxCost)
    {
        if (slice.MaxLength == 0)
            return false;
        long usedBefore = _regexes.Budget.Used;
        foreach ((int lexeme, RegexNode remainder) in state.Lexemes)
        {
            // A slice only saves time: a mask without it allows the same tokens.
            if (_regexes.Budget.Used - usedBefore > MaxSliceWork)
                return false;
            RegexNode simple = CountHorizon.Apply(_regexes, WithoutExceptions(remainder, out int exceptionLength), slice.MaxLength);
            if (CountHorizon.IsExceeded(simple, slice.MaxLength))
                continue;
            LexerState near = Intern([(lexeme, simple)]);
            Dictionary<TextSlice, int?> known = near.SliceCosts ??= [];
            if (!known.TryGetValue(slice, out int? cost))
                known.Add(slice, cost = FindSliceCost(near, slice));
            if (cost is null)
                continue;
            maxCost = Math.Max(maxCost, simple == remainder ? cost.Value : RuleCosts.Sum(cost.Value, CostOf(state) + exceptionLength));
            return true;
        }

        return false;
    }

    // If an expression allows texts of any length, excluding texts of limited length does not forbid any beginning of a text. The text can always become longer
    // than the excluded texts. For example, the name of an additional property must differ from the names that the schema lists.
    private static RegexNode WithoutExceptions(RegexNode node, out int exceptionLength)
    {
        exceptionLength = 0;
        if (node.Kind != RegexKind.Both)
            return node;
        RegexNode? whole = null;
        foreach (RegexNode part in node.Parts)
        {
            if (part.Kind == RegexKind.Not && part.Parts[0].MaxLength < int.MaxValue)
                exceptionLength = Math.Max(exceptionLength, part.Parts[0].MaxLength + 1);
            else if (whole is null)
                whole = part;
            else
                return node;
        }

        return whole is { Kind: RegexKind.Sequence, HasOperators: false } && whole.Parts[0] is { Kind: RegexKind.Repeat, Maximum: int.MaxValue } ? whole : node;
    }

    // The highest cost of completing a lexeme after a text of the slice; null if the slice has a text with which no lexeme can begin, or if the search takes too
    // long. Searches the states to which the texts of the slice lead.
    private int? FindSliceCost(LexerState start, TextSlice slice)
    {
        var seen = new HashSet<(LexerState, Utf8Position)> { (start, Utf8Position.Start) };
        var frontier = new List<(LexerState State, Utf8Position Position)> { (start, Utf8Position.Start) };
        int highest = 0;
        for (int length = 0; length < slice.MaxLength && frontier.Count > 0; length++)
        {
            var reached = new List<(LexerState, Utf8Position)>();
            foreach ((LexerState state, Utf8Position position) in frontier)
            {
                for (int byteClass = 0; byteClass < _classes.Count; byteClass++)
                {
                    byte value = _classes.Representative(byteClass);
                    if ((position == Utf8Position.Start && value is < 0x20 or (byte)'"' or (byte)'\\') || !position.TryAdvance(value, out Utf8Position after))
                        continue;
                    LexerState next = NextOfClass(state, byteClass);
                    if (next == LexerState.Dead)
                        return null;
                    if (seen.Add((next, after)))
                    {
                        if (seen.Count > MaxSliceStates)
                            return null;
                        reached.Add((next, after));
                        // Tokens of the slice consist of whole characters, so costs in the middle of a character do not count.
                        if (after == Utf8Position.Start)
                            highest = Math.Max(highest, CostOf(next));
                    }
                }
            }

            frontier = reached;
        }

        return highest;
    }

    private readonly record struct StateKey((int Lexeme, RegexNode Remainder)[] Parts)
    {
        public bool Equals(StateKey other) => Parts.AsSpan().SequenceEqual(other.Parts);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach ((int lexeme, RegexNode rest) in Parts)
            {
                hash.Add(lexeme);
                hash.Add(rest.Id);
            }

            return hash.ToHashCode();
        }
    }
}
