package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.camunda.client.CamundaClient;
import io.camunda.zeebe.gateway.protocol.GatewayGrpc;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.EvaluateDecisionRequest;
import io.camunda.zeebe.gateway.protocol.GatewayOuterClass.EvaluateDecisionResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Decisions asked of an engine that refuses as a real one does under load, which cannot be put under load at will. */
class BusyEngineTests {

    private final AtomicInteger asked = new AtomicInteger();
    private volatile Status refusal = Status.RESOURCE_EXHAUSTED;
    private volatile int refusals;
    private Server server;
    private CamundaClient client;
    private Decisions decisions;

    @BeforeEach
    void open() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(new GatewayGrpc.GatewayImplBase() {
                    @Override
                    public void evaluateDecision(
                            EvaluateDecisionRequest request, StreamObserver<EvaluateDecisionResponse> answer) {
                        if (asked.incrementAndGet() <= refusals) {
                            answer.onError(refusal.asRuntimeException());
                            return;
                        }
                        answer.onNext(EvaluateDecisionResponse.newBuilder()
                                .setDecisionOutput("{\"levels\": 1}")
                                .build());
                        answer.onCompleted();
                    }
                })
                .build()
                .start();
        client = CamundaClient.newClientBuilder()
                .grpcAddress(URI.create("http://127.0.0.1:" + server.getPort()))
                .restAddress(URI.create("http://127.0.0.1:1"))
                .preferRestOverGrpc(false)
                .build();
        var beans = new StaticListableBeanFactory();
        decisions = new Decisions(
                client,
                beans.getBeanProvider(ReleasedDecisions.class),
                JdbcClient.create(new DriverManagerDataSource()),
                new TransactionTemplate(),
                new Json(new ObjectMapper()),
                Clock.systemUTC());
    }

    @AfterEach
    void close() {
        client.close();
        server.shutdownNow();
    }

    @Test
    void oneThatIsBusyIsAskedAgainUntilItAnswers() {
        refusals = 4;

        assertThat(decisions.wouldDecide("refund-approval", Map.of("amount", 1)))
                .containsEntry("levels", 1);
        assertThat(asked).hasValue(5);
    }

    @Test
    void oneThatIsAwayIsLeftToTheNextTryOfTheJob() {
        refusals = 1;
        refusal = Status.UNAVAILABLE;

        assertThatExceptionOfType(EngineUnavailable.class)
                .isThrownBy(() -> decisions.wouldDecide("refund-approval", Map.of("amount", 1)));
        assertThat(asked).hasValue(1);
    }
}
