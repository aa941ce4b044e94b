using System.Diagnostics;
using System.Threading.Channels;
using Countersign.Server.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data;

/// <summary>
/// The door on SQLite: one thread runs the waiting units as savepoints of one transaction and answers after its commit,
/// so that many callers share one flush to disk.
/// </summary>
internal sealed class SqliteWriter : IWriter, IDisposable
{
    private const int UnitsPerCommit = 128;
    private const string Savepoint = "unit";

    private static readonly SqlStatement Begin = new($"SAVEPOINT {Savepoint}");
    private static readonly SqlStatement Keep = new($"RELEASE {Savepoint}");
    private static readonly SqlStatement Undo = new($"ROLLBACK TO {Savepoint}");

    private readonly Contexts _contexts;
    private readonly WriterMeasures _measures;
    private readonly AfterEffects _effects;
    private readonly Channel<Waiting> _queue;
    private readonly Thread _thread;

    public SqliteWriter(Contexts contexts, WriterMeasures measures, AfterEffects effects, IOptions<DataOptions> options)
    {
        (_contexts, _measures, _effects) = (contexts, measures, effects);
        _queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(options.Value.WriterQueue) { SingleReader = true });
        measures.Watch(() => _queue.Reader.Count);
        _thread = new Thread(Loop) { IsBackground = true, Name = "countersign-writer" };
        _thread.Start();
    }

    public async Task<T> RunAsync<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, CancellationToken ct)
    {
        if (Thread.CurrentThread == _thread)
        {
            throw new InvalidOperationException("A unit of work was started inside a unit of work.");
        }

        var waiting = new Waiting<T>(unit, ct);
        if (!_queue.Writer.TryWrite(waiting))
        {
            _measures.Refused();
            throw new WriterBusyException();
        }

        using var span = Instrumentation.Source.StartActivity("unit of work");
        return await waiting.Task;
    }

    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    private void Loop()
    {
        using var db = _contexts.Write();
        using var statements = new SqliteStatements(db);
        db.Statements = statements;

        // The unit is one already.
        db.Database.AutoSavepointsEnabled = false;
        var done = new List<Waiting>(UnitsPerCommit);
        var after = new List<Action>();
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Exception? failure = null;
            var started = Stopwatch.GetTimestamp();
            try
            {
                OpenForGood(db);
                using var transaction = db.Database.BeginTransaction();
                while (done.Count < UnitsPerCommit && _queue.Reader.TryRead(out var waiting))
                {
                    done.Add(waiting);
                    RunOne(db, statements, waiting, after);
                }

                transaction.Commit();
                _measures.Committed(done.Count, started);
            }
#pragma warning disable CA1031 // The top of a background loop: whatever breaks the transaction is told to every caller in it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
                after.Clear();

                // SQLite may have rolled back by itself in the middle of a unit: what that one left belongs to none that comes.
                db.ChangeTracker.Clear();
                db.TakeAfterCommit();
                DrainOneWhenBroken(done);
            }

            foreach (var waiting in done)
            {
                waiting.Answer(failure);
            }

            done.Clear();
            _effects.Run(after);
            after.Clear();
        }
    }

    /// <summary>
    /// A connection that is closed forgets what it has prepared. Not before the first unit: until then there may be no file.
    /// </summary>
    private static void OpenForGood(CountersignDbContext db)
    {
        if (db.Database.GetDbConnection().State != System.Data.ConnectionState.Open)
        {
            db.Database.OpenConnection();
        }
    }

    /// <summary>When even BEGIN fails, one caller at least must hear of it, or the loop would spin in silence.</summary>
    private void DrainOneWhenBroken(List<Waiting> done)
    {
        if (done.Count == 0 && _queue.Reader.TryRead(out var waiting))
        {
            done.Add(waiting);
        }
    }

    private static void RunOne(CountersignDbContext db, SqliteStatements statements, Waiting waiting, List<Action> after)
    {
        if (!waiting.Begin())
        {
            return;
        }

        statements.Run(Begin);
        if (waiting.Run(db))
        {
            statements.Run(Keep);
            after.AddRange(db.TakeAfterCommit());
        }
        else
        {
            statements.Run(Undo);
            statements.Run(Keep);
            db.TakeAfterCommit();
        }

        db.ChangeTracker.Clear();
    }

    private abstract class Waiting
    {
        /// <summary>False when the caller has gone already.</summary>
        public abstract bool Begin();

        /// <summary>Runs the unit and saves; false when it threw.</summary>
        public abstract bool Run(CountersignDbContext db);

        /// <summary>Tells the caller, after the commit or with what broke it.</summary>
        public abstract void Answer(Exception? failure);
    }

    private sealed class Waiting<T>(Func<CountersignDbContext, CancellationToken, Task<T>> unit, CancellationToken ct) : Waiting
    {
        // Continuations must not run on the writer's thread.
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Exception? _thrown;
        private bool _cancelled;
        private T _result = default!;

        public Task<T> Task => _completion.Task;

        public override bool Begin() => !(_cancelled = ct.IsCancellationRequested);

        public override bool Run(CountersignDbContext db)
        {
            try
            {
                var task = unit(db, CancellationToken.None);

                // SQLite's calls end where they begin. A task that is still running waits for something outside its context.
                _result = task.IsCompleted
                    ? task.GetAwaiter().GetResult()
                    : throw new InvalidOperationException("A unit of work awaited something outside its context.");
                if (db.ChangeTracker.Entries().Any())
                {
                    db.SaveChanges();
                }

                return true;
            }
#pragma warning disable CA1031 // It belongs to the caller, who gets it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _thrown = e;
                return false;
            }
        }

        public override void Answer(Exception? failure)
        {
            if (_cancelled)
            {
                _completion.TrySetCanceled(ct);
            }
            else if ((_thrown ?? failure) is { } exception)
            {
                _completion.TrySetException(exception);
            }
            else
            {
                _completion.TrySetResult(_result);
            }
        }
    }
}
