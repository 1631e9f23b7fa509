using Llama2.Model;
using Llama2.Threading;

namespace Llama2.Generation;

/// <summary>
/// Passes the results of a computed batch to the batch's sequences, to several of them at the same time. Each sequence then chooses its token and
/// decodes its text.
/// </summary>
/// <param name="Planner">The planner, which has the sequences of the pass that computed the batch.</param>
/// <param name="State">The results of the pass.</param>
/// <param name="Threads">The buffers of each thread.</param>
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
