namespace Llama2.Grammar.Matching;

/// <summary>
/// A hash table that finds the start state of the lexer for a set of lexemes. Reading it needs no lock and allocates no memory. Only one thread at a
/// time may add to the table.
/// </summary>
internal sealed class StartStates
{
    private Entry?[] _buckets = new Entry?[64];
    private int _count;

    /// <summary>The start state for a set of lexemes, which are given in ascending order; null if the table does not have it.</summary>
    public LexerState? Find(ReadOnlySpan<int> lexemes)
    {
        Entry?[] buckets = Volatile.Read(ref _buckets);
        for (Entry? entry = Volatile.Read(ref buckets[Hash(lexemes) & (uint)(buckets.Length - 1)]); entry is not null; entry = entry.Next)
        {
            if (lexemes.SequenceEqual(entry.Lexemes))
                return entry.State;
        }

        return null;
    }

    public void Add(ReadOnlySpan<int> lexemes, LexerState state)
    {
        if (_count++ > _buckets.Length)
        {
            var larger = new Entry?[_buckets.Length * 4];
            foreach (Entry? first in _buckets)
            {
                for (Entry? entry = first; entry is not null; entry = entry.Next)
                    Put(larger, entry.Lexemes, entry.State);
            }

            Volatile.Write(ref _buckets, larger);
        }

        Put(_buckets, lexemes.ToArray(), state);
    }

    private static void Put(Entry?[] buckets, int[] lexemes, LexerState state)
    {
        ref Entry? bucket = ref buckets[Hash(lexemes) & (uint)(buckets.Length - 1)];
        Volatile.Write(ref bucket, new Entry(lexemes, state, bucket));
    }

    private static uint Hash(ReadOnlySpan<int> lexemes)
    {
        uint hash = (uint)lexemes.Length;
        foreach (int lexeme in lexemes)
            hash = ((hash * 16777619) ^ (uint)lexeme) * 2654435761;
        return hash ^ (hash >> 15);
    }

    private sealed record Entry(int[] Lexemes, LexerState State, Entry? Next);
}
