using Llama2.Model;
using Llama2.Threading;

namespace Llama2.Generation;

/// <summary>Gives the sequences of a pass what they wanted of it: of many at once, each of which chooses its token and decodes its text.</summary>
/// <param name="Planner">The pass.</param>
/// <param name="State">What it computed.</param>
/// <param name="Threads">Buffers.</param>
internal readonly record struct Delivery(PassPlanner Planner, InferenceState State, PassThreads Threads) : IParallelWork
{
    public void Run(int start, int end, int worker)
    {
        for (int i = start; i < end; i++)
        {
            (Sequence sequence, int count, int logitsRow) = Planner.Shares[i];
            sequence.Deliver(count, State, logitsRow, Threads.CandidatesOf(worker));
        }
    }
}
