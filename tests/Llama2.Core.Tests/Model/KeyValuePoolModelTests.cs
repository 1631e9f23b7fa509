using CsCheck;
using Llama2.Formats.Gguf;
using Llama2.Kernels;
using Llama2.Model;

namespace Llama2.Tests.Model;

/// <summary>Compares the pool with a naive model of it, which stores the tokens of each sequence and every prefix that was ever computed.</summary>
public class KeyValuePoolModelTests
{
    private const int PageLength = Attention.BlockLength;
    private const int PageCapacity = 90;
    private static readonly ModelConfiguration s_configuration = ReadConfiguration();
    private static readonly Attention s_attention = Attentions.For(s_configuration);
    private static readonly long s_pageByteSize = KeyValuePage.ByteSizeFor(s_configuration, s_attention);
    private static readonly int[][] s_openings = [.. Enumerable.Range(0, 3).Select(opening => Enumerable.Range(0, 400).Select(i => (i * (opening + 3) + opening) % 1000).ToArray())];

    [Fact]
    public void Operations_AnySequenceOfThem_AgreeWithANaiveModel() => Sample(Gen.Const(PrefixSharing.Default), isUniform: true);

    [Fact]
    public void Operations_OfManyScopes_GiveEachWhatItMaySeeAndNoMore()
        => Sample(
            Gen.Select(Gen.Int[0, 3], Gen.Frequency((2, Gen.Const(0)), (1, Gen.Int[1, 300])))
                .Select((scope, publicCount) => scope == 3 ? PrefixSharing.None : new PrefixSharing(scope == 0 ? null : $"{scope}", publicCount)),
            isUniform: false);

    private static void Sample(Gen<PrefixSharing> sharings, bool isUniform)
    {
        Gen<Operation> operations = Gen.Select(
            Gen.Select(Gen.Int[0, 3], sharings), Gen.Int[0, 2], Gen.Int[0, 400], Gen.Int[1, 150], Gen.Frequency((3, Gen.Int[0, 200]), (1, Gen.Int[4096, 4800])), Gen.Int[0, 1000])
            .Select((kind, opening, cut, suffix, extra, choice) => new Operation(kind.Item1, opening, cut, suffix, extra, choice, kind.Item2));
        operations.Array[1, 40].Sample(
            list =>
            {
                using var run = new Run(isUniform);
                foreach (Operation operation in list)
                {
                    run.Apply(operation);
                    run.Check();
                }
            },
            iter: 150);
    }

    private static ModelConfiguration ReadConfiguration()
    {
        using GgufFile file = new TinyLlama().Open();
        return ConfigurationReader.Read(file);
    }

    private sealed record Operation(int Kind, int Opening, int Cut, int Suffix, int Extra, int Choice, PrefixSharing Sharing);

    private sealed class Running(KeyValueCache cache, int[] tokens, int computedCount, PrefixSharing sharing)
    {
        public PrefixSharing Sharing { get; } = sharing;

        public KeyValueCache Cache { get; } = cache;

        public int[] Tokens { get; } = tokens;

        public int ComputedCount { get; set; } = computedCount;

        public ReadOnlySpan<int> Computed => Tokens.AsSpan(0, ComputedCount);
    }

    private sealed class Run(bool isUniform) : IDisposable
    {
        private readonly bool _isUniform = isUniform;
        private readonly KeyValuePool _pool = new(s_configuration, s_attention, PageCapacity * s_pageByteSize);
        private readonly List<Running> _running = [];
        // The tokens of all sequences so far, whether computed or reused, and the scopes that share each sequence.
        private readonly List<(int[] Tokens, PrefixSharing Sharing)> _everComputed = [];
        private readonly float[] _heads = new float[s_configuration.KeyValueLength];

        private int MissingPageCount => _running.Sum(sequence => sequence.Cache.MissingPageCount);

        public void Apply(Operation operation)
        {
            Running? chosen = _running.Count > 0 ? _running[operation.Choice % _running.Count] : null;
            switch (operation.Kind)
            {
                case 0 or 1 when chosen is null || operation.Kind == 0:
                    Rent(operation);
                    break;
                case 1:
                    Compute(chosen, Math.Min(chosen.Tokens.Length, chosen.ComputedCount + operation.Suffix));
                    break;
                case 2 when chosen is not null:
                    if (!chosen.Sharing.IsShared)
                    {
                        break;
                    }

                    int reused = _pool.Reuse(chosen.Cache, chosen.Tokens, chosen.Tokens.Length - 1, chosen.ComputedCount);
                    reused.Should().BeGreaterThanOrEqualTo(Math.Max(chosen.ComputedCount, Math.Min(chosen.Tokens.Length - 1, LongestRunning(chosen.Tokens, chosen.Sharing, chosen))));
                    reused.Should().BeLessThanOrEqualTo(Math.Max(chosen.ComputedCount, LongestEver(chosen.Tokens, chosen.Sharing)));
                    chosen.ComputedCount = reused;
                    _everComputed.Add((chosen.Computed.ToArray(), chosen.Sharing));
                    break;
                case 3 when chosen is not null:
                    _pool.Return(chosen.Cache);
                    _running.Remove(chosen);
                    break;
            }
        }

        public void Check()
        {
            KeyValuePage[] used = [.. _running.SelectMany(sequence => sequence.Cache.Pages.ToArray()).Distinct()];
            _pool.UsedByteSize.Should().Be(used.Length * s_pageByteSize);
            (used.Length + MissingPageCount).Should().BeLessThanOrEqualTo(PageCapacity, "the pool has enough pages for all that it has promised");
            foreach (Running sequence in _running)
            {
                for (int position = 0; position < sequence.ComputedCount; position++)
                {
                    if (Read(sequence.Cache, position) != Number(sequence.Tokens[position], position))
                    {
                        Assert.Fail($"Position {position} holds another token's key.");
                    }
                }
            }
        }

        public void Dispose() => _pool.Dispose();

        private void Rent(Operation operation)
        {
            int[] tokens = [.. s_openings[operation.Opening][..operation.Cut], .. Enumerable.Range(1000 + operation.Choice, operation.Suffix)];
            PrefixSharing sharing = operation.Sharing with { PublicTokenCount = Math.Min(operation.Sharing.PublicTokenCount, tokens.Length) };
            int capacity = tokens.Length + operation.Extra, reusable = sharing.IsShared ? tokens.Length - 1 : 0;
            int least = Math.Min(reusable, LongestRunning(tokens, sharing, null)), most = Math.Min(reusable, LongestEver(tokens, sharing));
            int needed = KeyValueCache.PageCountFor(capacity) - least / PageLength;
            int available = (int)(PageCapacity - _pool.UsedByteSize / s_pageByteSize - MissingPageCount);

            KeyValueCache? cache = _pool.TryRent(tokens, reusable, capacity, out int computedCount, sharing: sharing);

            // With one scope, a sequence shares the pages that running sequences have, and needs pages for the rest of its capacity. With several scopes, there
            // may be two paths with the same tokens. The pool takes the longer path or, if both are equally long, the more public one, although perhaps no
            // running sequence uses the pages of this path. So the sequence may need pages for its whole capacity, or only for the positions after the longest
            // prefix of its tokens that was ever computed.
            (int fewestPages, int mostPages) = _isUniform ? (needed, needed) : (KeyValueCache.PageCountFor(capacity) - most / PageLength, KeyValueCache.PageCountFor(capacity));
            if (cache is null)
            {
                mostPages.Should().BeGreaterThan(available);
            }
            else
            {
                fewestPages.Should().BeLessThanOrEqualTo(available);
                computedCount.Should().BeInRange(least, most);
                _running.Add(new Running(cache, tokens, computedCount, sharing));
                _everComputed.Add((tokens[..computedCount], sharing));
            }
        }

        private void Compute(Running sequence, int end)
        {
            _pool.Extend(sequence.Cache, end);
            for (; sequence.ComputedCount < end; sequence.ComputedCount++)
            {
                int position = sequence.ComputedCount;
                Array.Fill(_heads, Number(sequence.Tokens[position], position));
                for (int layer = 0; layer < s_configuration.LayerCount; layer++)
                {
                    sequence.Cache.Store(layer, position, _heads, _heads);
                }

                _pool.Publish(sequence.Cache, position, [sequence.Tokens[position]]);
            }

            _everComputed.Add((sequence.Computed.ToArray(), sequence.Sharing));
        }

        // The number of tokens that must be found: all common tokens, if both sequences have the same scope and neither has public tokens; otherwise those in
        // whole pages, which stay even if memory is short.
        private int LongestRunning(int[] tokens, PrefixSharing sharing, Running? but)
            => _running.Where(other => other != but).Select(other => Certain(other, other.Computed.CommonPrefixLength(tokens), sharing, but is not null)).DefaultIfEmpty().Max();

        private int LongestEver(int[] tokens, PrefixSharing sharing)
            => _everComputed.Select(other => Visible(other.Sharing, other.Tokens.AsSpan().CommonPrefixLength(tokens), sharing)).DefaultIfEmpty().Max();

        private int Certain(Running other, int count, PrefixSharing sharing, bool isRunning)
        {
            if (_isUniform)
            {
                return Visible(other.Sharing, count, sharing);
            }

            // A running sequence already has its place in the tree, which may be on another branch than the place of the other sequence.
            int wholeCount = isRunning ? 0 : Visible(other.Sharing with { PublicTokenCount = other.Cache.PublicTokenCount }, count, sharing);
            return wholeCount - wholeCount % PageLength;
        }

        private static int Visible(PrefixSharing other, int count, PrefixSharing sharing)
            => !other.IsShared || !sharing.IsShared ? 0 : other.Scope == sharing.Scope ? count : Math.Min(count, other.PublicTokenCount);

        private static float Number(int token, int position) => token * 1000 + position;

        private static float Read(KeyValueCache cache, int position)
        {
            ReadOnlySpan<byte> keys = cache.Keys(s_configuration.LayerCount - 1, s_configuration.KeyValueHeadCount - 1, position / PageLength);
            (int panel, int row) = Math.DivRem(position % PageLength, 16);
            return BitConverter.ToSingle(keys[((panel * s_configuration.HeadLength * 16 + row) * sizeof(float))..]);
        }
    }
}
