using System.Globalization;
using Countersign.SampleKind;
using Countersign.SampleKind.Promising;
using Countersign.SampleKind.Tapping;
using Countersign.Server;
using Countersign.Server.Features.Ground.Jobs;
using Countersign.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

// The product with the samples in it, as a process of its own: the second node of tests that need two. Settings are environment
// variables. Its clock stands where the test puts it, and the jobs are the other node's.
var mode = new ServeMode(Demo: false);
var builder = CountersignHost.CreateBuilder(mode, _ => { });
var clock = new StandingClock(DateTimeOffset.Parse(builder.Configuration["Clock"]!, CultureInfo.InvariantCulture));
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddSingleton<TimeProvider>(clock);
builder.Services.RemoveAll<IJob>();
builder.Services.AddTapping().AddPromising();
await using var app = CountersignHost.Build(builder, mode);
app.MapTapping();
app.MapPromises();
app.MapPost("/clock", (DateTimeOffset now) => clock.Set(now)).AllowAnonymous();
await CountersignHost.PrepareAsync(app, mode, CancellationToken.None);
await app.StartAsync();
Console.WriteLine($"Ready: {app.Urls.First()}");
await app.WaitForShutdownAsync();
