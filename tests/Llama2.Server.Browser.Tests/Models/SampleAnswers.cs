namespace Llama2.Server.Browser.Tests.Models;

/// <summary>Answers that show what the page can show.</summary>
internal static class SampleAnswers
{
    /// <summary>Headings, lists, a table, code, a quote, links.</summary>
    public const string Markdown = """
        Here is a small **sieve of Eratosthenes** in C#. It marks the multiples of each prime, beginning at its square.

        ```csharp
        // All primes below a limit.
        static IEnumerable<int> Primes(int limit)
        {
            var isComposite = new bool[limit];
            for (int n = 2; n < limit; n++)
            {
                if (isComposite[n])
                    continue;
                yield return n;
                for (long m = (long)n * n; m < limit; m += n)
                    isComposite[m] = true;
            }
        }
        ```

        ### How the cost grows

        | limit | primes | time | memory |
        |:--|--:|--:|--:|
        | 1,000 | 168 | 4 µs | 1 kB |
        | 1,000,000 | 78,498 | 3.1 ms | 1 MB |

        1. The inner loop begins at *n²*, because smaller multiples have a smaller factor.
        2. The time is `O(n log log n)`:
           - nearly linear,
           - and limited by memory.

        - [x] correct
        - [ ] parallel

        > For larger limits, use a *segmented* sieve: see [the article](https://en.wikipedia.org/wiki/Sieve_of_Eratosthenes).
        """;
}
