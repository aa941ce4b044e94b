using CsCheck;
using Countersign.Server.Features.Access.Passwords;
using Countersign.Server.Tests.Guards;

namespace Countersign.Server.Tests.Features.Access.Passwords;

/// <summary>No one source and no crowd of strangers keeps the owner out (D35).</summary>
public sealed class FairQueueTests
{
    private const int Bound = 24;

    [Fact]
    public void Whoever_comes_into_a_full_queue_takes_a_place_of_the_one_who_has_most_and_is_served_within_one_round()
    {
        const int Crowd = 12;
        var queue = new FairQueue<string>(Bound);
        for (var i = 0; i < 20; i++)
        {
            for (var source = 0; source < Crowd; source++)
            {
                queue.TryAdd(new Asker($"crowd {source}", Known: false), $"crowd {source}: {i}", out _);
            }
        }

        Assert.Equal(Bound, queue.Count);
        Assert.True(queue.TryAdd(new Asker("owner", Known: false), "owner", out var gaveWay));

        Assert.StartsWith("crowd", gaveWay, StringComparison.Ordinal);
        Assert.Equal(Bound, queue.Count);
        Assert.Contains("owner", Enumerable.Range(0, Crowd + 1).Select(_ => queue.TryTake(out var item) ? item : null));
    }

    [Fact]
    public void A_source_does_not_push_out_those_who_have_as_much_waiting()
    {
        var queue = new FairQueue<string>(2);
        Assert.True(queue.TryAdd(new Asker("a", Known: false), "a", out _));
        Assert.True(queue.TryAdd(new Asker("b", Known: false), "b", out _));

        Assert.False(queue.TryAdd(new Asker("c", Known: false), "c", out var gaveWay));
        Assert.Null(gaveWay);
    }

    [Fact]
    [Claim("D35")]
    public void Known_browsers_have_room_and_every_second_turn_whatever_the_crowd()
    {
        var queue = new FairQueue<string>(Bound);
        for (var i = 0; i < 1_000; i++)
        {
            queue.TryAdd(new Asker($"crowd {i}", Known: false), "stranger", out _);
        }

        for (var i = 0; i < 4; i++)
        {
            Assert.True(queue.TryAdd(new Asker("owner", Known: true), "owner", out _));
        }

        Assert.Equal(
            ["owner", "stranger", "owner", "stranger", "owner", "stranger", "owner", "stranger", "stranger"],
            Enumerable.Range(0, 9).Select(_ => queue.TryTake(out var item) ? item : null));
    }

    [Fact]
    public void Each_leaves_once_in_its_sources_order_and_never_do_more_wait_than_may()
    {
        Gen.Select(Gen.Int[0, 5], Gen.Bool, Gen.Bool).Array[0, 400].Sample(steps =>
        {
            var queue = new FairQueue<Item>(Bound);
            var (waiting, out_) = (new HashSet<Item>(), new HashSet<Item>());
            var last = new Dictionary<Asker, int>();
            foreach (var ((source, known, take), number) in steps.Select((s, i) => (s, i)))
            {
                if (take && number % 3 == 0)
                {
                    Assert.Equal(waiting.Count > 0, queue.TryTake(out var item));
                    if (item is not null)
                    {
                        Assert.True(waiting.Remove(item) && out_.Add(item));
                        Assert.True(last.GetValueOrDefault(item.Of, -1) < item.Number);
                        last[item.Of] = item.Number;
                    }
                }
                else
                {
                    var asker = new Asker($"source {source}", known);
                    var item = new Item(asker, number);
                    if (queue.TryAdd(asker, item, out var gaveWay))
                    {
                        Assert.True(waiting.Add(item));
                        Assert.True(gaveWay is null || (gaveWay.Of != asker && waiting.Remove(gaveWay) && out_.Add(gaveWay)));
                    }
                }

                Assert.Equal(waiting.Count, queue.Count);
                Assert.True(waiting.Count(i => i.Of.Known) <= Bound && waiting.Count(i => !i.Of.Known) <= Bound);
            }
        });
    }

    private sealed record Item(Asker Of, int Number);
}
