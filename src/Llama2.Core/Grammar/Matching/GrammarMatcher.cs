using System.Numerics.Tensors;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Matching;

/// <summary>
/// Matches a text against a grammar, token by token: says which tokens may come next and whether the text may end. A text can be read in several
/// ways, and all of them are followed at once. A way consists of a row of the parser, which describes the complete lexemes, and a state of the lexer,
/// which describes the bytes after these lexemes. The matcher's arrays come from a pool, to which <see cref="Dispose"/> returns them. Not thread-safe.
/// </summary>
internal sealed class GrammarMatcher : IDisposable
{
    // The maximum number of lexemes that may end within a token if cached masks are used for the token. A token in which more lexemes end is matched
    // byte by byte, because different ways to read the token are then joined at each byte.
    private const int MaxBoundaryDepth = 4;

    private readonly Lexer _lexer;
    private readonly TokenBytes _tokens;
    private readonly ParseRows _rows;
    private readonly GrammarBudget _budget = new(GrammarBudget.StepLimit);

    // The ways of all places; the ways of the last place are at the end. A place is a position between two bytes of the text; place 0 is the start.
    // Each byte that is tried adds a place. Only the places of accepted tokens stay.
    private (int Row, LexerState State)[] _ways = PooledArray.Rent<(int, LexerState)>(32);
    private Place[] _places = PooledArray.Rent<Place>(32);
    private int _placeCount;

    /// <param name="grammar">The grammar.</param>
    /// <param name="limitsTokens">Whether the number of tokens is limited, so that <see cref="Cost"/> is needed.</param>
    public GrammarMatcher(CompiledGrammar grammar, bool limitsTokens)
    {
        _lexer = grammar.Lexer;
        _tokens = grammar.Tokens;
        _rows = new ParseRows(grammar.Rules, grammar.Lexer, limitsTokens ? grammar.Costs : null, _budget);
        int wayCount = 0;
        LexerState start = _rows.LexerState(0);
        if (start != LexerState.Dead)
            _ways[wayCount++] = (0, start);
        _places[_placeCount++] = new Place(0, wayCount, 1, _rows.CanEnd(0));
    }

    /// <summary>Whether the text may end here.</summary>
    public bool CanEnd => Top.CanEnd;

    /// <summary>Whether the text may end here and cannot go on.</summary>
    public bool IsComplete
    {
        get
        {
            foreach ((_, LexerState state) in Ways(Top))
            {
                if (state.CanContinue)
                    return false;
            }

            return Top.CanEnd;
        }
    }

    /// <summary>The cost of completing the text: the number of tokens of a short text that completes it; 0 if the text may end here.</summary>
    public int Cost => CostOf(Top);

    private Place Top => _places[_placeCount - 1];

    /// <summary>
    /// Sets the bits of the tokens that may come next and clears all others. If the text may end, the bits of the end tokens are set too.
    /// </summary>
    /// <param name="mask">One bit for each token of the vocabulary.</param>
    /// <param name="remainingTokenCount">
    /// The number of tokens that may still be generated; at least <see cref="Cost"/>. A token is not allowed if the tokens that remain after it do
    /// not suffice to complete the text.
    /// </param>
    /// <param name="dropsLeadingSpace">Whether a space at the beginning of the next token is dropped, so that it does not belong to the text.</param>
    public void ComputeMask(Span<ulong> mask, int remainingTokenCount = int.MaxValue, bool dropsLeadingSpace = false)
    {
        _budget.Restart();
        mask.Clear();
        Place top = Top;
        // The limit is never below the property Cost minus 1, so that a shortest way to the end stays allowed even if an estimated cost was too low.
        int costLimit = remainingTokenCount == int.MaxValue ? int.MaxValue : Math.Max(remainingTokenCount - 1, Cost - 1);
        for (int way = top.WayStart; way < top.WayStart + top.WayCount; way++)
            AddWay(_ways[way].Row, _ways[way].State, mask, costLimit);
        if (dropsLeadingSpace)
            AddSpaced(mask, costLimit);
        if (top.CanEnd)
        {
            foreach (int token in _tokens.EndTokens)
                mask[token >> 6] |= 1UL << token;
        }
    }

    /// <summary>Accepts a token; if its text does not match, returns false and changes nothing.</summary>
    public bool TryAccept(int token, bool dropsLeadingSpace = false) =>
        _tokens[token] is byte[] text && TryAccept(text.AsSpan(dropsLeadingSpace && text[0] == ' ' && token != _tokens.SpaceByte ? 1 : 0));

    /// <summary>Accepts the bytes of a token; if they do not match, returns false and changes nothing.</summary>
    public bool TryAccept(ReadOnlySpan<byte> text)
    {
        int placeCount = _placeCount;
        _budget.Restart();
        foreach (byte value in text)
        {
            if (!TryStep(value))
            {
                Cut(placeCount);
                return false;
            }
        }

        return true;
    }

    /// <summary>The current place, to which <see cref="Return"/> can go back.</summary>
    public int Position => _placeCount;

    /// <summary>Goes back to a place: undoes everything that was accepted after that place.</summary>
    public void Return(int position) => Cut(position);

    /// <summary>
    /// Finds the text that must come next, whatever the model computes: appends bytes to <paramref name="text"/> as long as only one byte is allowed.
    /// </summary>
    /// <returns>Whether the whole text is complete after these bytes.</returns>
    public bool FindForcedText(List<byte> text, int maxLength)
    {
        int placeCount = _placeCount;
        while (text.Count < maxLength && !Top.CanEnd && Top.WayCount == 1 && _lexer.ForcedByte(_ways[Top.WayStart].State, _budget) is int value and >= 0 && TryStep((byte)value))
            text.Add((byte)value);
        bool isComplete = IsComplete;
        Cut(placeCount);
        return isComplete;
    }

    public void Dispose()
    {
        _rows.Dispose();
        PooledArray.Return(ref _ways);
        PooledArray.Return(ref _places);
    }

    private ReadOnlySpan<(int Row, LexerState State)> Ways(Place place) => _ways.AsSpan(place.WayStart, place.WayCount);

    private void AddWay(int row, LexerState state, Span<ulong> mask, int costLimit)
    {
        LexerMask lexerMask = _lexer.Mask(state, _budget);
        if (IsTooDear(row, state, lexerMask, costLimit))
            WalkFrom(row, state, _tokens.All, 0, _tokens.All.Count, 0, mask, costLimit);
        else
            AddMask(row, lexerMask, mask, costLimit, depth: 0);
    }

    // Whether the mask may allow a token after which the rest of the text needs more tokens than the limit. Each token then has to be checked.
    private bool IsTooDear(int row, LexerState state, LexerMask lexerMask, int costLimit) =>
        costLimit < int.MaxValue && (lexerMask.MaxCost > costLimit || MaxCostAfter(row, state) > costLimit - lexerMask.MaxCost);

    private void AddMask(int row, LexerMask lexerMask, Span<ulong> mask, int costLimit, int depth)
    {
        _budget.Charge(1 + ((lexerMask.Tokens.Length + lexerMask.Boundaries.Length) / 16));
        if (lexerMask.Slice is TextSlice slice)
            AddBits(slice.Bits, mask);
        if (lexerMask.Bits is ulong[] bits)
            AddBits(bits, mask);
        foreach (int token in lexerMask.Tokens)
            mask[token >> 6] |= 1UL << token;
        foreach (LexerBoundary boundary in lexerMask.Boundaries)
            AddBoundary(row, boundary, mask, costLimit, depth);
    }

    private static void AddBits(ulong[] bits, Span<ulong> mask) => TensorPrimitives.BitwiseOr(mask, bits, mask);

    // Adds the tokens that go on after the end of a lexeme. The parser reads the lexeme only once for all nodes of the boundary.
    private void AddBoundary(int row, LexerBoundary boundary, Span<ulong> mask, int costLimit, int depth)
    {
        int next = _rows.Count;
        _rows.Begin();
        _rows.Scan(row, boundary.Lexemes);
        if (!_rows.TryEnd())
            return;
        LexerState start = _rows.LexerState(next);
        if (start != LexerState.Dead)
        {
            LexerMask lexerMask = _lexer.Mask(boundary, start, _budget);
            if (depth < MaxBoundaryDepth && !IsTooDear(next, start, lexerMask, costLimit))
            {
                AddMask(next, lexerMask, mask, costLimit, depth + 1);
            }
            else
            {
                TokenTrie trie = boundary.Trie;
                foreach (int node in boundary.Nodes)
                    WalkFrom(next, start, trie, node + 1, trie.Ends[node], trie.Depths[node], mask, costLimit);
            }
        }

        _rows.Cut(next);
    }

    // Adds the tokens that are allowed if their leading space does not count as part of the text.
    private void AddSpaced(Span<ulong> mask, int costLimit)
    {
        TokenTrie trie = _tokens.All;
        int node = 0;
        while (node < trie.Count && trie.Bytes[node] != ' ')
            node = trie.Ends[node];
        if (node >= trie.Count)
            return;
        ClearSpaced(trie, node, mask);
        for (int token = trie.Tokens[node]; token >= 0 && (costLimit == int.MaxValue || Cost <= costLimit); token = trie.NextEqual(token))
        {
            if (token != _tokens.SpaceByte)
                mask[token >> 6] |= 1UL << token;
        }

        Place top = Top;
        for (int way = top.WayStart; way < top.WayStart + top.WayCount; way++)
            WalkFrom(_ways[way].Row, _ways[way].State, trie, node + 1, trie.Ends[node], 1, mask, costLimit);
    }

    // A token is read in one way only: where a leading space is dropped, the space is never part of the text.
    private void ClearSpaced(TokenTrie trie, int node, Span<ulong> mask)
    {
        for (int i = node; i < trie.Ends[node]; i++)
        {
            for (int token = trie.Tokens[i]; token >= 0; token = trie.NextEqual(token))
            {
                if (token != _tokens.SpaceByte)
                    mask[token >> 6] &= ~(1UL << token);
            }
        }
    }

    // Walks over nodes of the trie, with the given way as the only way at the start, and sets the bits of the tokens that match.
    private void WalkFrom(int row, LexerState state, TokenTrie trie, int node, int end, int baseDepth, Span<ulong> mask, int costLimit)
    {
        int placeCount = _placeCount, rowCount = _rows.Count;
        int wayStart = Top.WayStart + Top.WayCount;
        EnsureWays(wayStart + 1);
        _ways[wayStart] = (row, state);
        AddPlace(new Place(wayStart, 1, _rows.Count, CanEnd: false));
        ReadOnlySpan<byte> bytes = trie.Bytes;
        ReadOnlySpan<ushort> depths = trie.Depths;
        ReadOnlySpan<int> ends = trie.Ends;
        while (node < end)
        {
            // Place placeCount is the start of the walk, and place placeCount + d is d bytes after it.
            Cut(placeCount + depths[node] - baseDepth);
            if (!TryStep(bytes[node]))
            {
                node = ends[node];
                continue;
            }

            if (trie.Tokens[node] >= 0 && (costLimit == int.MaxValue || CostOf(Top) <= costLimit))
                AddTokens(trie, node, mask);
            node++;
        }

        _placeCount = placeCount;
        _rows.Cut(rowCount);
    }

    private static void AddTokens(TokenTrie trie, int node, Span<ulong> mask)
    {
        for (int token = trie.Tokens[node]; token >= 0; token = trie.NextEqual(token))
            mask[token >> 6] |= 1UL << token;
    }

    // Reads a byte and adds a place. If the byte does not match, returns false and changes nothing.
    private bool TryStep(byte value)
    {
        Place top = Top;
        int wayStart = top.WayStart + top.WayCount, wayCount = 0, row = _rows.Count;
        bool isRowBegun = false;
        for (int way = top.WayStart; way < top.WayStart + top.WayCount; way++)
        {
            LexerState next = _lexer.Next(_ways[way].State, value, _budget);
            if (next == LexerState.Dead)
                continue;
            if (next.Accepted.Length > 0)
            {
                if (!isRowBegun)
                {
                    _rows.Begin();
                    isRowBegun = true;
                }

                _rows.Scan(_ways[way].Row, next.Accepted);
            }

            if (next.CanContinue)
            {
                EnsureWays(wayStart + wayCount + 2);
                _ways[wayStart + wayCount++] = (_ways[way].Row, next);
            }
        }

        bool canEnd = false;
        if (isRowBegun && _rows.TryEnd())
        {
            canEnd = _rows.CanEnd(row);
            if (_rows.LexerState(row) != LexerState.Dead)
            {
                EnsureWays(wayStart + wayCount + 1);
                _ways[wayStart + wayCount++] = (row, _rows.LexerState(row));
            }
        }

        if (wayCount == 0 && !canEnd)
        {
            _rows.Cut(top.RowCount);
            return false;
        }

        // Bytes that do not match are not counted: each takes a fifth of the time that a unit of the budget stands for.
        _budget.Charge(1 + (top.WayCount / 4));
        AddPlace(new Place(wayStart, wayCount, _rows.Count, canEnd));
        return true;
    }

    private int CostOf(Place place)
    {
        if (place.CanEnd)
            return 0;
        int cost = int.MaxValue;
        foreach ((int row, LexerState state) in Ways(place))
            cost = Math.Min(cost, CostOf(row, state));
        return cost;
    }

    private int CostOf(int row, LexerState state)
    {
        if (state == _rows.LexerState(row))
            return _rows.CostFrom(row);
        int cost = int.MaxValue;
        foreach ((int lexeme, Regexes.RegexNode rest) in state.Lexemes)
            cost = Math.Min(cost, Rules.RuleCosts.Sum(_lexer.CostOf(rest, _budget), _rows.CostAfter(row, lexeme)));
        return cost;
    }

    // The highest cost of completing the text after one of the lexemes of a state.
    private int MaxCostAfter(int row, LexerState state)
    {
        if (state == _rows.LexerState(row))
            return _rows.MaxCostAfter(row);
        int cost = 0;
        foreach ((int lexeme, _) in state.Lexemes)
            cost = Math.Max(cost, _rows.CostAfter(row, lexeme));
        return cost;
    }

    private void AddPlace(Place place)
    {
        if (_placeCount == _places.Length)
            PooledArray.Grow(ref _places, _placeCount * 2);
        _places[_placeCount++] = place;
    }

    private void EnsureWays(int count)
    {
        if (count > _ways.Length)
            PooledArray.Grow(ref _ways, Math.Max(count, _ways.Length * 2));
    }

    private void Cut(int placeCount)
    {
        _placeCount = placeCount;
        _rows.Cut(Top.RowCount);
    }

    private readonly record struct Place(int WayStart, int WayCount, int RowCount, bool CanEnd);
}
